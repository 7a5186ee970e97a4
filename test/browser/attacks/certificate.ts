import { execFileSync } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A certificate for these hosts, made now, and what Chromium needs to believe it. */
export function certificateFor(hosts: readonly string[]): { key: string; cert: string; flag: string } {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-tls-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const names = hosts.map((host) => `DNS:${host}`).join(',')
  try {
    const request = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test`
    const args = [...request.split(' '), '-keyout', key, '-out', cert, '-addext', `subjectAltName=${names}`]
    execFileSync('openssl', args, { stdio: 'pipe' })
    const pem = readFileSync(cert, 'utf8')
    const publicKey = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' })
    const pin = createHash('sha256').update(publicKey).digest('base64')
    // This one key alone, rather than no checking: to the browser the connection is as secure as any.
    return {
      key: readFileSync(key, 'utf8'),
      cert: pem,
      flag: `--ignore-certificate-errors-spki-list=${pin}`,
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

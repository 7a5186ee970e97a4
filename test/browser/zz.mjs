import { chromium } from 'playwright-core'
import { spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
async function run(label, b, { delay = 0 } = {}) {
  const p = await (b.contexts()[0] ?? await b.newContext()).newPage()
  await p.context().clearCookies()
  const reqs = []
  p.on('request', r => r.isNavigationRequest() && reqs.push(r.method()+' '+r.url()))
  await p.goto('http://localhost:3210/login')
  await p.fill('#email', 'ada@example.com'); await p.fill('#password', 'correct horse battery staple')
  await p.click('main button')
  await p.waitForURL('**/members')
  await new Promise(r => setTimeout(r, delay))
  await p.locator('main').getByRole('button', { name: 'Log out' }).click()
  await new Promise(r => setTimeout(r, delay))
  reqs.length = 0
  await p.goBack({ waitUntil: 'commit' }).catch(e => console.log(String(e).slice(0, 100)))
  await new Promise(r => setTimeout(r, 1000))
  console.log(label, delay, p.url(), (await p.evaluate(() => document.querySelector('h1').textContent).catch(e=>String(e).slice(0,80))), reqs)
  await p.close()
}
const A = ['--no-sandbox', '--disable-dev-shm-usage']
for (const delay of [0, 500, 3000]) {
  const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: A, ignoreDefaultArgs: ['--disable-back-forward-cache'] })
  await run('pw', b, { delay }); await b.close()
}
const dir = mkdtempSync('/tmp/chr-')
const child = spawn('/usr/bin/chromium', [...A, '--headless=new', '--remote-debugging-port=9377', `--user-data-dir=${dir}`, '--no-first-run', '--disable-background-networking', 'about:blank'], { stdio: 'ignore', detached: true })
await new Promise(r => setTimeout(r, 4000))
const b = await chromium.connectOverCDP('http://127.0.0.1:9377')
for (const delay of [0, 500, 3000]) await run('plain', b, { delay })
await b.close(); process.kill(-child.pid)

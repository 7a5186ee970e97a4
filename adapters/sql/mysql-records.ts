import type { RecordEntry, SessionRecord } from 'latchkey'
import { COLUMNS, fromRow } from './record-row.ts'
import { PRUNE_BATCH, ReturningRecords } from './returning-records.ts'

/**
 * The statements for MySQL, which has no `RETURNING`, and no upsert that reports what it did (MariaDB has
 * some of it). A first statement claims the row and decides; what follows only reads and cleans up, and may
 * be lost without harm.
 */
export class MysqlRecords extends ReturningRecords {
  override async create(id: string, record: SessionRecord): Promise<boolean> {
    if (await this.#insert(id, record)) return true
    const { affected } = await this.run(
      `DELETE FROM ${this.table} WHERE id = ? AND expires_at BETWEEN 1 AND ?`,
      [id, this.now()],
    )
    return affected === 1 && this.#insert(id, record)
  }

  async #insert(id: string, record: SessionRecord): Promise<boolean> {
    try {
      await this.run(`INSERT INTO ${this.table} ${this.insertInto}`, this.valuesOf(id, record))
      return true
    } catch (error) {
      // ER_DUP_ENTRY. `INSERT IGNORE` would also take an id that is cut off.
      if ((error as { errno?: unknown }).errno === 1062) return false
      throw error
    }
  }

  override async supersede(id: string, by: string, expiresAt: number): Promise<SessionRecord | null> {
    const { affected } = await this.run(
      `UPDATE ${this.table} SET replaced_by = ?, expires_at = ?
WHERE id = ? AND expires_at > ? AND replaced_by IS NULL`,
      [by, expiresAt, id, this.now()],
    )
    if (affected !== 1) return null
    // A delete that runs in between does not undo the claim: it returns the mark.
    const { rows } = await this.run(`SELECT ${COLUMNS} FROM ${this.table} WHERE id = ? AND replaced_by = ?`, [
      id,
      by,
    ])
    return fromRow(rows[0])
  }

  /** Claims the row by negating its expiry, which hides it from every other statement. */
  override async delete(id: string, condition?: { readonly ifEmpty: true }): Promise<SessionRecord | null> {
    const { affected } = await this.run(
      `UPDATE ${this.table} SET expires_at = -expires_at
WHERE id = ? AND expires_at > ?${condition ? ` AND ${this.isEmpty}` : ''}`,
      [id, this.now()],
    )
    if (affected !== 1) return null
    const { rows } = await this.run(`SELECT ${COLUMNS} FROM ${this.table} WHERE id = ? AND expires_at < 0`, [
      id,
    ])
    await this.run(`DELETE FROM ${this.table} WHERE id = ? AND expires_at < 0`, [id])
    return fromRow(rows[0])
  }

  override async deleteByOwner(owner: string): Promise<RecordEntry[]> {
    const ids = (await this.listByOwner(owner)).map(({ id }) => id)
    const ended = await Promise.all(ids.map(async (id) => ({ id, record: await this.delete(id) })))
    return ended.filter((one): one is RecordEntry => one.record !== null)
  }

  protected override async pruneBatch(now: number): Promise<number> {
    // Of claimed rows, only those past their expiry: their caller has failed to delete them.
    const { affected } = await this.run(
      `DELETE FROM ${this.table} WHERE expires_at BETWEEN ? AND ? LIMIT ${PRUNE_BATCH}`,
      [-now, now],
    )
    return affected
  }
}

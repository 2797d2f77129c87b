/** The one place a sealed value belongs to; it opens nowhere else. Names are those of the database. */
export interface SealedRef {
  readonly table: string;
  readonly column: string;
  /** Primary key of the row. */
  readonly id: string;
}

/** Where the database is; what `DATABASE_URL` says. */
export type DatabaseTarget = SqliteTarget | MysqlTarget;

export interface SqliteTarget {
  readonly kind: 'sqlite';
  /** Path of the database file. */
  readonly path: string;
}

export interface MysqlTarget {
  readonly kind: 'mysql';
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly user: string;
  readonly password: { reveal(): string } | undefined;
  readonly database: string;
}

export type Dialect = DatabaseTarget['kind'];

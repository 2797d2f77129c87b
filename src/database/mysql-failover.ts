import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource, QueryRunner } from 'typeorm';
import type { MysqlDriver } from 'typeorm/driver/mysql/MysqlDriver.js';
import { isLocked, isTransientConflict } from './dialect.js';
import { isLostConnection, isReadOnly } from './lost-connection.js';
import type { MysqlHosts } from './mysql-hosts.js';
import { type PooledConnection, prepareSession } from './mysql-session.js';
import { isTooSlow, withinStatementLimit } from './statement-limit.js';
import { UnfitServerError } from './unfit-server.error.js';

/** Long enough for a socket to tell MysqlHosts that it closed. */
const PAUSE_MS = 20;

const READ = /^\s*(SELECT|SHOW|WITH)\b/i;

/**
 * Teaches the driver of a DataSource, before its first connection, that connections and servers end:
 *
 * - a connection is handed out once its session is prepared; each host gets its chance to give one
 * - a statement that takes too long ends its connection; the server is avoided if it answers nobody else either
 * - a connection whose server says that it cannot serve, or takes no writes, is closed, and the server avoided
 * - a read outside of a transaction that lost its connection is sent once more on another one
 */
export function surviveLostConnections(
  dataSource: DataSource,
  hosts: MysqlHosts,
  clusterUuid: string | undefined,
): void {
  const driver = dataSource.driver as MysqlDriver;
  const connections = new PreparedConnections(hosts, clusterUuid, driver.obtainMasterConnection.bind(driver));
  const createQueryRunner = driver.createQueryRunner.bind(driver);
  driver.obtainMasterConnection = () => connections.obtain();
  driver.createQueryRunner = (mode) => withSecondRead(createQueryRunner(mode), hosts);
}

/** Closes the connection of a query runner, so that nobody gets what is left on it, such as an open transaction. */
export function discardConnection(runner: QueryRunner): void {
  const { databaseConnection: connection } = runner as unknown as ConnectionHolder;
  if (connection) close(connection);
}

/** Where a query runner of MySQL keeps what it obtained. */
interface ConnectionHolder {
  databaseConnection: PooledConnection | undefined;
  databaseConnectionPromise: Promise<PooledConnection> | undefined;
}

class PreparedConnections {
  private readonly prepared = new WeakSet<PooledConnection>();

  constructor(
    private readonly hosts: MysqlHosts,
    private readonly clusterUuid: string | undefined,
    private readonly obtainAny: () => Promise<PooledConnection>,
  ) {}

  async obtain(): Promise<PooledConnection> {
    for (let tries = 1; ; tries += 1) {
      try {
        // Where no server takes writes, the last one that was asked is good for reads.
        return await this.obtainPrepared(tries < this.hosts.count);
      } catch (error) {
        if (tries >= this.hosts.count || !isLostConnection(error)) throw error;
        await sleep(PAUSE_MS);
      }
    }
  }

  private async obtainPrepared(mustWrite: boolean): Promise<PooledConnection> {
    const connection = await this.obtainAny();
    if (this.prepared.has(connection)) return connection;
    // An error event that nobody listens to would end the process; mysql2's pool listens to the first one only.
    connection.on('error', () => undefined);
    try {
      await prepareSession(connection, this.clusterUuid, mustWrite);
    } catch (error) {
      if (isLostConnection(error)) this.hosts.avoidHostOf(connection.stream);
      close(connection);
      throw error;
    }
    // mysql2 makes another one for each statement, and looks its module up.
    const inPromises = connection.promise();
    this.prepared.add(Object.assign(connection, { promise: () => inPromises }));
    return connection;
  }
}

function withSecondRead<R extends QueryRunner>(runner: R, hosts: MysqlHosts): R {
  const holder = runner as unknown as ConnectionHolder;
  const query = runner.query.bind(runner) as (...args: unknown[]) => Promise<unknown>;
  const giveUp = (error: unknown): void => {
    if (!holder.databaseConnection) return;
    if (!isTooSlow(error)) hosts.avoidHostOf(holder.databaseConnection.stream);
    close(holder.databaseConnection);
  };
  const send = async (...args: unknown[]): Promise<unknown> => {
    try {
      if (runner.isReleased) return await query(...args);
      // Waiting for a connection has limits of its own.
      const connection = (await runner.connect()) as PooledConnection;
      const answer = await withinStatementLimit(
        runner,
        connection,
        () => query(...args),
        () => hosts.isSilent(connection.stream),
      );
      hosts.heardFrom(connection.stream);
      return answer;
    } catch (error) {
      if (isLostConnection(error) || isReadOnly(error)) giveUp(error);
      throw isReadOnly(error) && hosts.count > 1 ? takesNoWrites(error) : error;
    }
  };
  const sendTwice = async (...args: unknown[]): Promise<unknown> => {
    try {
      return await send(...args);
    } catch (error) {
      // In a transaction the lost connection is kept: on another one, statements would take effect one by one.
      if (runner.isTransactionActive || !READ.test(String(args[0])) || !maySucceedElsewhere(error)) throw error;
      giveUp(error);
      holder.databaseConnection = undefined;
      holder.databaseConnectionPromise = undefined;
      return send(...args);
    }
  };
  return Object.assign(runner, { query: sendTwice });
}

/** A member of a cluster says "lock wait time-out" (1205) of a read when it cannot hear from the others any more. */
function maySucceedElsewhere(error: unknown): boolean {
  if (isTooSlow(error)) return false;
  return isLostConnection(error) || isLocked(error) || isTransientConflict(error);
}

/** The work runs again on a connection to another server, as after a lost one. */
function takesNoWrites(cause: unknown): UnfitServerError {
  return new UnfitServerError('This server takes no writes; another one of DATABASE_URL is asked.', { cause });
}

/** At once and without a goodbye: the server may not answer. */
function close(connection: PooledConnection): void {
  connection.destroy();
  connection.stream.destroy();
}

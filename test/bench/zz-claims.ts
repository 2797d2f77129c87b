import 'reflect-metadata';
import { createConnection } from 'mysql2/promise';
import { mkdtemp, rm } from 'node:fs/promises';
import { startMariaDb } from '../support/mariadb.js';
import { claimTimes } from './claims.js';
const sizes = (process.env['SIZES'] ?? '1000,100000,1000000').split(',').map(Number);
const f = await mkdtemp('/tmp/hub-claims-');
console.log('SQLite', JSON.stringify(await claimTimes(`sqlite:${f}/c.sqlite`, sizes)));
await rm(f, { recursive: true });
const m = await startMariaDb();
try {
  const c = await createConnection({ uri: m.url }); await c.query('CREATE DATABASE hub_prof'); await c.end();
  console.log('MariaDB', JSON.stringify(await claimTimes(`${m.url}/hub_prof`, sizes)));
} finally { await m.remove(); }
process.exit(0);

import 'reflect-metadata';
import { databaseConfig } from './src/config.js';
import { createDataSource } from './src/database/data-source.js';

/** The DataSource of the TypeORM command line: the same one that the hub opens, by DATABASE_URL. */
export default createDataSource(databaseConfig(process.env));

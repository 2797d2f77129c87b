import 'reflect-metadata';
import { watchNesting } from '../../src/database/nesting.js';
import { refuseNetwork } from './refuse-network.js';

refuseNetwork();
watchNesting();

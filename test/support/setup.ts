import 'reflect-metadata';
import { refuseNetwork } from './refuse-network.js';

refuseNetwork();

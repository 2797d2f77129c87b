import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../src/config.js';

describe('a variable that begins with HUB_', () => {
  it.each([
    ['HUB_LOGLEVEL', 'HUB_LOG_LEVEL'],
    ['HUB_MASTERKEY_FILE', 'HUB_MASTER_KEY_FILE'],
    ['HUB_ALLOW_PRIVATE_NETWORKS', 'HUB_ALLOW_PRIVATE_NETWORK'],
    ['HUB_ADMIN_PASS', 'HUB_ADMIN_PASSWORD'],
    ['HUB_ADMIN_EMIAL', 'HUB_ADMIN_EMAIL'],
    ['HUB_TRUSTED_PROXIES', 'HUB_TRUST_PROXY'],
    ['HUB_DATABASE_URL', 'DATABASE_URL'],
    ['HUB_PORT', 'PORT'],
    ['hub_log_level', 'HUB_LOG_LEVEL'],
  ])('%s is refused: did you mean %s?', (name, meant) => {
    expect(() => loadConfig({ [name]: 'x' })).toThrow(`${name}: is not a variable of the hub. Did you mean ${meant}?`);
  });

  it('is refused without a guess when it resembles none', () => {
    expect(() => loadConfig({ HUB_COLOUR_OF_THE_SKY: 'x' })).toThrow('is not a variable of the hub. Remove it');
  });

  it('may be there for the tests', () => {
    expect(() => loadConfig({ HUB_TEST_MYSQL_URL: 'x', HUB_TEST_ANYTHING: '' })).not.toThrow();
  });

  it('may come from a Kubernetes Service of that name', () => {
    const links = {
      HUB_SERVICE_HOST: '10.0.0.1',
      HUB_SERVICE_PORT: '4000',
      HUB_SERVICE_PORT_HTTP: '4000',
      HUB_PORT: 'tcp://10.0.0.1:4000',
      HUB_PORT_4000_TCP: 'tcp://10.0.0.1:4000',
      HUB_PORT_4000_TCP_ADDR: '10.0.0.1',
      HUB_DB_SERVICE_HOST: '10.0.0.2',
      HUB_DB_PORT: 'tcp://10.0.0.2:3306',
    };
    expect(loadConfig(links).port).toBe(4000);
  });
});

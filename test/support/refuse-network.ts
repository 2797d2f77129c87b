import { BlockList, isIP, Socket, type LookupFunction, type TcpSocketConnectOpts } from 'node:net';

/** Carries the untouched function through repeated patching: every test file patches anew, in a realm of its own. */
const UNTOUCHED = Symbol.for('hub.refuse-network.untouched');

/** Raised where code under test tries to leave the machine; `code` is what a resolver says of an unknown name. */
export class NetworkRefusedError extends Error {
  readonly code = 'ENOTFOUND';

  constructor(target: string) {
    super(`Tests reach loopback addresses only, and this one tried ${target}. Use a server on 127.0.0.1.`);
    this.name = 'NetworkRefusedError';
  }
}

/** From now on sockets (plain, TLS, HTTP, undici) and name lookups of this process stay on loopback and Unix sockets. */
export function refuseNetwork(): void {
  patch(Socket.prototype, 'connect', guardedConnect);
  // Not an import: jest would keep the untouched functions for every later `import { lookup }`.
  const dns = process.getBuiltinModule('node:dns');
  patch(dns, 'lookup', (untouched) => (...args: unknown[]) => {
    const [name] = args;
    if (isLocal(name)) return Reflect.apply(untouched, dns, args);
    const callback = args.at(-1) as (error: Error) => void;
    return setImmediate(callback, new NetworkRefusedError(`to resolve ${String(name)}`));
  });
  patch(dns.promises, 'lookup', (untouched) => (...args: unknown[]) => {
    const [name] = args;
    if (isLocal(name)) return Reflect.apply(untouched, dns.promises, args);
    return Promise.reject(new NetworkRefusedError(`to resolve ${String(name)}`));
  });
}

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

function patch(owner: object, name: string, guard: (untouched: AnyFunction) => AnyFunction): void {
  const current = Reflect.get(owner, name) as AnyFunction & { [UNTOUCHED]?: AnyFunction };
  const untouched = current[UNTOUCHED] ?? current;
  Reflect.set(owner, name, Object.assign(guard(untouched), { [UNTOUCHED]: untouched }));
}

function guardedConnect(untouched: AnyFunction): AnyFunction {
  return function connect(this: unknown, ...args: unknown[]): unknown {
    const options = tcpOptions(args);
    if (!options || isLocal(options.host)) return Reflect.apply(untouched, this, args);
    const { host = '', port, lookup } = options;
    const named = isIP(host) === 0 && lookup;
    // A refusal takes the way of a failed lookup, so that callers meet it where real failures arrive.
    const refusal = named ? guardedLookup(lookup) : failingLookup(`${host}:${port}`);
    const listener = args.flat().findLast((each) => typeof each === 'function');
    return Reflect.apply(untouched, this, [
      { ...options, host: named ? host : 'refused.invalid', lookup: refusal },
      listener,
    ]);
  };
}

/** What the several call forms of `Socket.connect` say of a TCP target; undefined for a Unix socket. */
function tcpOptions(args: readonly unknown[]): Partial<TcpSocketConnectOpts> | undefined {
  const [first, second]: readonly unknown[] = Array.isArray(args[0]) ? args[0] : args;
  if (typeof first === 'object' && first !== null) return 'path' in first && first.path ? undefined : first;
  if (typeof first === 'string' && Number.isNaN(Number(first))) return undefined;
  return { port: Number(first), ...(typeof second === 'string' ? { host: second } : {}) };
}

function failingLookup(target: string): LookupFunction {
  return (_hostname, _options, callback) => void setImmediate(callback, new NetworkRefusedError(target), '', 0);
}

/** A lookup that pins a name to an address of its own choice may choose a loopback one. */
function guardedLookup(lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, address, family) => {
      const addresses = Array.isArray(address) ? address.map((each) => each.address) : [address];
      const foreign = error ? undefined : addresses.find((each) => !isLocal(each));
      if (foreign === undefined) callback(error, address, family);
      else callback(new NetworkRefusedError(`${hostname} (${foreign})`), address, family);
    });
  };
}

function isLocal(host: unknown): boolean {
  if (host === undefined || host === null || host === '' || host === 'localhost') return true;
  if (typeof host !== 'string' || isIP(host) === 0) return false;
  const loopback = new BlockList();
  loopback.addSubnet('127.0.0.0', 8);
  loopback.addAddress('::1', 'ipv6');
  return loopback.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
}

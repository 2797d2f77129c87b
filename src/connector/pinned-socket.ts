import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls, rootCertificates } from 'node:tls';
import { EgressError } from './egress-error.js';

export interface PinnedSocketTarget {
  url: URL;
  /** The checked addresses; no other one is connected to, and no name is resolved again. */
  addresses: readonly string[];
  /** PEM certificates trusted besides the built-in ones. */
  trustedCertificates?: readonly string[] | undefined;
  signal: AbortSignal;
}

const ATTEMPT_TIMEOUT_MS = 500;

const IN_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection',
  ECONNRESET: 'closed the connection while it was set up',
  EHOSTUNREACH: 'cannot be reached from here',
  ENETUNREACH: 'cannot be reached from here',
  ETIMEDOUT: 'did not accept a connection',
  CERT_HAS_EXPIRED: 'has a certificate that has expired',
  CERT_NOT_YET_VALID: 'has a certificate that is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'has a self-signed certificate',
  SELF_SIGNED_CERT_IN_CHAIN: 'has a certificate of an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'has a certificate of an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'has a certificate of an unknown authority or sends an incomplete chain',
  ERR_TLS_CERT_ALTNAME_INVALID: 'has a certificate for another host name',
};

/**
 * Opens a connection to one of the checked addresses (the next one when one does not answer) under the host's own
 * name: TLS asks for and verifies the certificate of the host name, never of the address.
 *
 * @throws EgressError `CONNECT` or `TLS`; the signal's reason once it is aborted
 */
export function openPinnedSocket(target: PinnedSocketTarget): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { url, signal } = target;
    const socket = startConnection(target);
    let tcpConnected = false;
    let isSettled = false;
    const onAbort = () => {
      socket.destroy();
      reject(signal.reason as Error);
    };
    const settle = () => {
      isSettled = true;
      signal.removeEventListener('abort', onAbort);
    };
    socket.once('connect', () => (tcpConnected = true));
    socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
      settle();
      resolve(socket);
    });
    // Stays for the socket's life: an error between two owners must not end the process.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (isSettled) return;
      settle();
      reject(connectionError(url.hostname, tcpConnected ? 'TLS' : 'CONNECT', error));
    });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

function startConnection({ url, addresses, trustedCertificates }: PinnedSocketTarget): Socket {
  const isTls = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const options = {
    host,
    port: Number(url.port || (isTls ? 443 : 80)),
    lookup: pinnedLookup(addresses),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ATTEMPT_TIMEOUT_MS,
    noDelay: true,
  };
  if (!isTls) return connectTcp(options);
  return connectTls({
    ...options,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(trustedCertificates ? { ca: [...rootCertificates, ...trustedCertificates] } : {}),
    ALPNProtocols: ['http/1.1'],
    minVersion: 'TLSv1.2',
    // Said explicitly so that NODE_TLS_REJECT_UNAUTHORIZED=0 does not reach the hub's requests.
    rejectUnauthorized: true,
  });
}

/** Answers with the checked addresses whatever it is asked: the DNS has no second chance to answer differently. */
function pinnedLookup(addresses: readonly string[]): LookupFunction {
  const pinned = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_hostname, options, callback) => {
    const [first] = pinned;
    if (options.all || !first) callback(null, pinned);
    else callback(null, first.address, first.family);
  };
}

function connectionError(host: string, kind: 'CONNECT' | 'TLS', cause: NodeJS.ErrnoException): EgressError {
  const code = cause.code ?? 'unknown error';
  const inWords = IN_WORDS[code] ?? `cannot be connected to${kind === 'TLS' ? ' over TLS' : ''}`;
  return new EgressError(kind, `${host} ${inWords} (${code}).`, { cause });
}

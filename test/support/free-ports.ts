import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Ports on 127.0.0.1, below the range for outgoing connections: no client can take one while its server is stopped. */
export async function freePorts(count: number): Promise<number[]> {
  const probes = new Map<number, ReturnType<typeof createServer>>();
  try {
    while (probes.size < count) {
      const port = randomInt(20_000, 32_000);
      const probe = createServer();
      try {
        probe.listen(port, '127.0.0.1');
        await once(probe, 'listening');
        probes.set(port, probe);
      } catch (error) {
        // Told by its code: jest gives each file an Error class of its own.
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      }
    }
    return [...probes.keys()];
  } finally {
    for (const probe of probes.values()) probe.close();
  }
}

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * Which of these processes has the socket with that local port open, by `/proc`.
 *
 * @returns null when none has (it was killed a moment ago), or where there is no `/proc`
 */
export function socketOwner(localPort: number, pids: readonly number[]): number | null {
  try {
    const inode = inodeOf(localPort);
    return pids.find((pid) => inode !== undefined && hasOpen(pid, `socket:[${inode}]`)) ?? null;
  } catch {
    return null;
  }
}

function inodeOf(localPort: number): string | undefined {
  const hexPort = localPort.toString(16).toUpperCase().padStart(4, '0');
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1);
  const columns = lines.map((line) => line.trim().split(/\s+/));
  return columns.find(([, local = '']) => local.endsWith(`:${hexPort}`))?.[9];
}

function hasOpen(pid: number, wanted: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => linkOf(`/proc/${pid}/fd/${fd}`) === wanted);
  } catch {
    return false;
  }
}

/** It may be closed while the others are looked at. */
function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

import type { ConfigProblem } from './config-reader.js';

const PREFIX = 'HUB_';
const TEST_PREFIX = 'HUB_TEST_';

/** Kubernetes sets these in every container beside a Service whose name begins with "hub". */
const SERVICE_LINK = /^HUB_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/;
const SERVICE_LINK_ADDRESS = /^(tcp|udp|sctp):\/\//;

/** Each `HUB_*` variable that is none of `names`: a misspelt setting would else be ignored in silence. */
export function misspeltVariables(env: NodeJS.ProcessEnv, names: readonly string[]): ConfigProblem[] {
  const known = names.flatMap((name) => [name, `${name}_FILE`]);
  return Object.keys(env)
    .filter((name) => name.toUpperCase().startsWith(PREFIX) && !name.startsWith(TEST_PREFIX))
    .filter((name) => !known.includes(name) && !isServiceLink(name, env[name] ?? ''))
    .map((name) => {
      const hint = nearest(name.toUpperCase(), known);
      const remedy = hint ? `Did you mean ${hint}?` : 'Remove it, or see the list of variables in the README.';
      return { variable: name.slice(0, 80), message: `is not a variable of the hub. ${remedy}` };
    });
}

function isServiceLink(name: string, value: string): boolean {
  return SERVICE_LINK.test(name) || (/^HUB_(\w+_)?PORT$/.test(name) && SERVICE_LINK_ADDRESS.test(value));
}

function nearest(name: string, known: readonly string[]): string | undefined {
  const bare = name.slice(PREFIX.length);
  if (known.includes(bare)) return bare;
  const longer = known.find((candidate) => candidate.startsWith(name) && name !== PREFIX);
  if (longer) return longer;
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best && best.distance <= name.length / 3 ? best.candidate : undefined;
}

/** How many letters must be added, left out or replaced (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

import { acceptUnless, type Fault, type Parser, refuse } from './parser.ts';
import { parseJson } from './shape.ts';

export type ListenPort = { readonly protocol: 'HTTP' | 'HTTPS'; readonly port: number };

const SHAPE = 'JSON like [{"HTTP":80},{"HTTPS":443}]';

/** Listener ports as JSON: a list of objects, each with one or both of HTTP and HTTPS. Never empty, no port twice. */
export const listenPorts: Parser<readonly ListenPort[]> = {
  type: 'JSON list, `[{"HTTP":80},{"HTTPS":443}]` or `[{"HTTP":80,"HTTPS":443}]`',
  schema: { pattern: '^\\s*\\[' },
  parse: (raw) => {
    const json = parseJson(raw);
    if (json === undefined || !Array.isArray(json) || json.length === 0) return refuse(SHAPE);
    const faults: Fault[] = [];
    const ports = json.flatMap((entry: unknown, index) => readEntry(entry, `[${index}]`, faults));
    return acceptUnless([...faults, ...repeats(raw, ports, faults)], () => ports);
  },
};

const readEntry = (entry: unknown, at: string, faults: Fault[]): readonly ListenPort[] => {
  if (
    typeof entry !== 'object' ||
    entry === null ||
    Array.isArray(entry) ||
    Object.keys(entry).length === 0
  ) {
    faults.push({ at, expected: 'an object like {"HTTP":80}', value: JSON.stringify(entry) });
    return [];
  }
  return Object.entries(entry).flatMap(([protocol, port]: [string, unknown]) => {
    if (protocol !== 'HTTP' && protocol !== 'HTTPS') {
      faults.push({
        at: `${at}.${protocol}`,
        expected: 'HTTP or HTTPS as the protocol',
        value: protocol,
        ...better(protocol),
      });
      return [];
    }
    if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535) {
      faults.push({
        at: `${at}.${protocol}`,
        expected: 'a port from 1 to 65535',
        value: JSON.stringify(port),
      });
      return [];
    }
    return [{ protocol, port }];
  });
};

const better = (protocol: string): { didYouMean?: string } => {
  const upper = protocol.toUpperCase();
  return upper === 'HTTP' || upper === 'HTTPS' ? { didYouMean: upper } : {};
};

/** The same port twice, also when JSON itself would hide it: a repeated key silently replaces the first. */
const repeats = (raw: string, ports: readonly ListenPort[], faults: readonly Fault[]): readonly Fault[] => {
  const twice = ports.filter(({ port }, index) => ports.findIndex((other) => other.port === port) < index);
  const written = raw.match(/"HTTPS?"\s*:/g)?.length ?? 0;
  const hidden = faults.length === 0 && written > ports.length;
  return [
    ...twice.map(({ port }) => ({
      expected: `every port once, but ${port} is there twice`,
      value: String(port),
    })),
    ...(hidden ? [{ expected: 'each protocol once per object; write [{"HTTP":80},{"HTTP":8080}]' }] : []),
  ];
};

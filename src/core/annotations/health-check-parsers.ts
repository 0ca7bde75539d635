import { accept, type Parser, refuse } from './parser.ts';
import { wholeNumber } from './scalar-parsers.ts';

/** Where health checks go: a fixed port, the port that gets the traffic, or a port of the Service by its name. */
export type HealthCheckPort = number | 'traffic-port' | { readonly name: string };

export const healthCheckPort: Parser<HealthCheckPort> = {
  type: 'port 1..65535, `traffic-port`, or the name of a port of the Service',
  parse: (raw) => {
    const value = raw.trim();
    if (value === 'traffic-port') return accept(value);
    const port = wholeNumber(value);
    if (port !== undefined && port >= 1 && port <= 65_535) return accept(port);
    if (port === undefined && value.length <= 63 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(value))
      return accept({ name: value });
    return refuse('a port from 1 to 65535, traffic-port, or the name of a port of the Service');
  },
};

/** Codes that count as healthy. `grpc`: all are 0..99; else all are 200..499. `text` has no spaces. */
export type SuccessCodes = { readonly text: string; readonly grpc: boolean };

const CODES =
  'HTTP codes from 200 to 499 like 200, 200,302 or 200-299, or gRPC codes from 0 to 99 like 12 or 0-5';

/** ELBv2: an ALB takes 200..499 for HTTP, 0..99 for gRPC; single codes, lists and ranges. */
export const successCodes: Parser<SuccessCodes> = {
  type: 'codes and ranges, `200`, `200,302`, `200-299`; gRPC `0-99`',
  schema: { pattern: '^[0-9, -]+$' },
  parse: (raw) => {
    const compact = raw.replaceAll(/\s/g, '');
    if (!/^\d{1,3}(-\d{1,3})?(,\d{1,3}(-\d{1,3})?)*$/.test(compact)) return refuse(CODES);
    const ranges = compact.split(',').map((part) => part.split('-').map(Number));
    if (ranges.some(([from = 0, to = from]) => from > to)) return refuse('ranges that go up, like 200-299');
    const codes = ranges.flat();
    const grpc = codes.every((code) => code <= 99);
    const http = codes.every((code) => code >= 200 && code <= 499);
    return grpc || http
      ? accept({ text: ranges.map((range) => range.join('-')).join(','), grpc })
      : refuse(CODES);
  },
};

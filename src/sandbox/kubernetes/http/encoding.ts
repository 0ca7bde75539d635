import type { IncomingMessage } from 'node:http';

/** Whether the client asked for YAML before anything else that the API can give. */
export const wantsYaml = (request: IncomingMessage): boolean => {
  const types = (request.headers.accept ?? '').split(',').map((one) => one.split(';')[0]?.trim() ?? '');
  return types.find((type) => type === 'application/yaml' || JSON_TYPES.has(type)) === 'application/yaml';
};

const JSON_TYPES: ReadonlySet<string> = new Set(['application/json', 'application/*', '*/*']);

/** JSON, indented for people: for those who say `pretty=true`, and for browsers and tools of the command line. */
export const jsonText = (request: IncomingMessage, url: URL, body: unknown): string => {
  const asked = url.searchParams.get('pretty') ?? '';
  const pretty = asked === '' ? PEOPLE.test(request.headers['user-agent'] ?? '') : TRUE.has(asked);
  return pretty ? JSON.stringify(body, null, 2) : JSON.stringify(body);
};

const PEOPLE = /^(curl|Wget|Mozilla\/5\.0)/;
const TRUE: ReadonlySet<string> = new Set(['1', 't', 'T', 'true', 'True', 'TRUE']);

/** REST-XML: operations found by method and path, members in labels, query, headers and the XML body. */
import { NormalizedSchema } from '@smithy/core/schema';
import type { WireRequest, WireResponse } from './message.ts';
import type { OperationSchema, Service } from './operation.ts';
import { malformed, textCodec } from './text-values.ts';
import { parseXml } from './xml-parse.ts';
import { compileXmlReader, compileXmlWriter } from './xml-shape.ts';

type Route = {
  readonly method: string;
  readonly pattern: RegExp;
  readonly labels: readonly string[];
  readonly status: number;
};

const routeOf = (schema: OperationSchema): Route => {
  const [method = '', uri = '', status = 200] =
    NormalizedSchema.of(operationTraits(schema)).getMergedTraits().http ?? [];
  const labels: string[] = [];
  const source = uri.split('?')[0]?.replace(/\{(\w+)\}/g, (_, label: string) => {
    labels.push(label);
    return '([^/]+)';
  });
  return { method, pattern: new RegExp(`^${source ?? ''}/?$`), labels, status };
};

/** An operation's traits, read by dressing them as a simple schema: NormalizedSchema knows no operations. */
const operationTraits = (schema: OperationSchema) => [0, schema[1], schema[2], schema[3], 0] as never;

/** Finds operations by method and path; where two fit, the one with fewer labels wins. */
export const restRouter = (service: Service): ((request: WireRequest) => string | undefined) => {
  const routes = Object.entries(service.operations)
    .flatMap(([name, operation]) => (operation === undefined ? [] : [{ name, ...routeOf(operation.schema) }]))
    .sort((a, b) => a.labels.length - b.labels.length);
  return ({ method, path }) =>
    routes.find((route) => route.method === method && route.pattern.test(path))?.name ?? `${method} ${path}`;
};

/** Compiles the reader of one operation's requests. */
export const restReader = (schema: OperationSchema): ((request: WireRequest) => Record<string, unknown>) => {
  const input = NormalizedSchema.of(schema[4]);
  const { pattern, labels } = routeOf(schema);
  const members = input.isStructSchema() ? [...input.structIterator()] : [];
  const inQuery = members.flatMap(([name, member]) => {
    const key = member.getMergedTraits().httpQuery;
    return key === undefined ? [] : [{ name, key, codec: textCodec(member) }];
  });
  const elementName = input.getOwnTraits().xmlName ?? input.getName();
  const inBody = members.some(([, member]) => !isBound(member));
  const readBody = compileXmlReader(schema[4]);
  return (request) => {
    const value: Record<string, unknown> = {};
    if (inBody && request.body !== '') Object.assign(value, readBody(rootOf(request.body, elementName)));
    for (const [index, text] of (pattern.exec(request.path)?.slice(1) ?? []).entries()) {
      value[labels[index] ?? ''] = decodeLabel(text);
    }
    for (const { name, key, codec } of inQuery) {
      const text = request.query.get(key);
      if (text !== null) value[name] = codec === undefined ? text : codec.parse(text, key);
    }
    return value;
  };
};

const isBound = (member: NormalizedSchema): boolean => {
  const traits = member.getMergedTraits();
  return Boolean(traits.httpLabel ?? traits.httpQuery ?? traits.httpHeader);
};

const rootOf = (body: string, expected: string | undefined) => {
  const root = parseXml(body);
  if (root.name !== expected) throw malformed('the root element', expected ?? '', root.name);
  return root;
};

const decodeLabel = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw malformed('the path', 'percent-encoded UTF-8', text);
  }
};

/** Compiles the writer of one operation's responses. */
export const restWriter = (
  schema: OperationSchema,
  xmlNamespace: string,
): ((output: unknown, requestId: string) => WireResponse) => {
  const shape = NormalizedSchema.of(schema[5]);
  const { status } = routeOf(schema);
  const headers = [...shape.structIterator()].flatMap(([name, member]) => {
    const header = member.getMergedTraits().httpHeader;
    return header === undefined ? [] : [{ name, header }];
  });
  const write = compileXmlWriter(schema[5], (member) => member.getMergedTraits().httpHeader !== undefined);
  const root = shape.getOwnTraits().xmlName ?? shape.getName() ?? '';
  return (output, requestId) => {
    const sent: Record<string, string> = { 'content-type': 'text/xml', 'x-amzn-requestid': requestId };
    for (const { name, header } of headers) {
      const value = (output as Readonly<Record<string, unknown>>)[name];
      if (value !== undefined) sent[header.toLowerCase()] = String(value);
    }
    const body = `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${xmlNamespace}">${write(output)}</${root}>`;
    return { status, headers: sent, body };
  };
};

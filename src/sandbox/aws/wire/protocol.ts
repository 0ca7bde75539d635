/** The four protocols: which operation a request names, its input, and the reply's or error's bytes. */
import { NormalizedSchema } from '@smithy/core/schema';
import { compileJson } from './json-shape.ts';
import type { WireRequest, WireResponse } from './message.ts';
import type { Protocol, Service } from './operation.ts';
import { compileFormReader } from './query-form.ts';
import type { Refusal } from './refusal.ts';
import { isRefusal } from './refusal.ts';
import { restReader, restRouter, restWriter } from './rest.ts';
import { MALFORMED, malformed } from './text-values.ts';
import { compileXmlWriter, escapeXml } from './xml-shape.ts';

/** Turns requests for one operation into inputs and outputs into responses. */
export type Binding = {
  readonly read: (request: WireRequest) => Record<string, unknown>;
  readonly write: (output: unknown, requestId: string) => WireResponse;
};

type ErrorParts = {
  readonly code: string;
  readonly message: string;
  readonly status: number;
  readonly members: Record<string, unknown>;
};

type ProtocolCodec = {
  /** The operation a request names, whether it is served or not; undefined when the request names none. */
  readonly route: (service: Service) => (request: WireRequest) => string | undefined;
  readonly bind: (service: Service, operation: string) => Binding;
  readonly error: (error: ErrorParts, requestId: string) => WireResponse;
  readonly unknownOperation: string;
  readonly malformed: string;
  /** Whether the awsQueryError trait names the code; JSON services carry a trait that must be ignored. */
  readonly queryCodes: boolean;
};

const XML = 'text/xml; charset=utf-8';

const operationOf = (service: Service, operation: string) => {
  const found = service.operations[operation];
  if (found === undefined) throw new Error(`${service.signingName} has no operation ${operation}`);
  return found;
};

/** A Query request's parameters: its form body, else the URL's. */
export const formOf = (request: WireRequest): URLSearchParams =>
  request.body === '' ? request.query : new URLSearchParams(request.body);

const queryError = ({ code, message, status }: ErrorParts, requestId: string): WireResponse => ({
  status,
  headers: { 'content-type': XML },
  body: `<?xml version="1.0"?>\n<ErrorResponse><Error><Type>${status < 500 ? 'Sender' : 'Receiver'}</Type><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
});

const ec2Error = ({ code, message, status }: ErrorParts, requestId: string): WireResponse => ({
  status,
  headers: { 'content-type': XML },
  body: `<?xml version="1.0"?>\n<Response><Errors><Error><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`,
});

const jsonError = ({ code, message, status, members }: ErrorParts, requestId: string): WireResponse => ({
  status,
  headers: {
    'content-type': 'application/x-amz-json-1.1',
    'x-amzn-errortype': code,
    'x-amzn-requestid': requestId,
  },
  body: JSON.stringify({ __type: code, message, ...members }),
});

const routeByAction = () => (request: WireRequest) => formOf(request).get('Action') ?? undefined;

const query: ProtocolCodec = {
  route: routeByAction,
  bind: (service, operation) => {
    const { schema } = operationOf(service, operation);
    const readForm = compileFormReader(schema[4], 'query');
    const write = compileXmlWriter(schema[5]);
    return {
      read: (request) => readForm(formOf(request)),
      write: (output, requestId) => ({
        status: 200,
        headers: { 'content-type': XML },
        body: `<${operation}Response xmlns="${service.xmlNamespace}"><${operation}Result>${write(output)}</${operation}Result><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${operation}Response>`,
      }),
    };
  },
  error: queryError,
  unknownOperation: 'InvalidAction',
  malformed: 'MalformedInput',
  queryCodes: true,
};

const ec2: ProtocolCodec = {
  route: routeByAction,
  bind: (service, operation) => {
    const { schema } = operationOf(service, operation);
    const readForm = compileFormReader(schema[4], 'ec2');
    const write = compileXmlWriter(schema[5]);
    return {
      read: (request) => readForm(formOf(request)),
      write: (output, requestId) => ({
        status: 200,
        headers: { 'content-type': XML },
        body: `<?xml version="1.0" encoding="UTF-8"?>\n<${operation}Response xmlns="${service.xmlNamespace}"><requestId>${requestId}</requestId>${write(output)}</${operation}Response>`,
      }),
    };
  },
  error: ec2Error,
  unknownOperation: 'InvalidAction',
  malformed: 'InvalidParameterValue',
  queryCodes: true,
};

const restXml: ProtocolCodec = {
  route: restRouter,
  bind: (service, operation) => {
    const { schema } = operationOf(service, operation);
    return { read: restReader(schema), write: restWriter(schema, service.xmlNamespace) };
  },
  error: queryError,
  unknownOperation: 'InvalidAction',
  malformed: 'InvalidInput',
  queryCodes: false,
};

const json: ProtocolCodec = {
  route: () => (request) => String(request.headers['x-amz-target'] ?? '').split('.')[1],
  bind: (service, operation) => {
    const { schema } = operationOf(service, operation);
    const [read, write] = [compileJson(schema[4], 'read'), compileJson(schema[5], 'write')];
    return {
      read: (request) => read(parseJson(request.body), '') as Record<string, unknown>,
      write: (output, requestId) => ({
        status: 200,
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': requestId },
        body: JSON.stringify(write(output ?? {}, '')),
      }),
    };
  },
  error: jsonError,
  unknownOperation: 'UnknownOperationException',
  malformed: 'SerializationException',
  queryCodes: false,
};

const parseJson = (body: string): unknown => {
  try {
    return JSON.parse(body === '' ? '{}' : body) as unknown;
  } catch {
    throw malformed('the body', 'a JSON document', body);
  }
};

export const PROTOCOLS: Readonly<Record<Protocol, ProtocolCodec>> = { query, ec2, 'rest-xml': restXml, json };

/** The response for a refusal, with the code its schema models or the bare code it carries. */
export const errorResponse = (protocol: Protocol, refusal: Refusal, requestId: string): WireResponse => {
  const { members, message } = refusal;
  return PROTOCOLS[protocol].error({ ...codeAndStatus(protocol, refusal), message, members }, requestId);
};

/** The code a client sees for something a handler threw. */
export const errorCode = (protocol: Protocol, thrown: unknown): string =>
  isRefusal(thrown) ? codeAndStatus(protocol, thrown).code : 'InternalFailure';

const codeAndStatus = (
  protocol: Protocol,
  { what, status }: Refusal,
): { readonly code: string; readonly status: number } => {
  const codec = PROTOCOLS[protocol];
  if (typeof what === 'string') return { code: what === MALFORMED ? codec.malformed : what, status };
  const schema = NormalizedSchema.of(what);
  const traits = schema.getMergedTraits();
  const modelled = codec.queryCodes
    ? (traits.awsQueryError as readonly [string, number] | undefined)
    : undefined;
  return {
    code: modelled?.[0] ?? schema.getName() ?? 'InternalFailure',
    status: (traits.httpError as number | undefined) ?? modelled?.[1] ?? status,
  };
};

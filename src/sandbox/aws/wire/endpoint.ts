/** The HTTP server: finds service and operation, decodes, has the call performed, encodes. Knows no AWS rules. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { compileConstraints } from './constraints.ts';
import type { WireRequest, WireResponse } from './message.ts';
import type { Caller, Service, ServiceInfo } from './operation.ts';
import type { Binding } from './protocol.ts';
import { errorResponse, formOf, PROTOCOLS } from './protocol.ts';
import { isRefusal, refuse } from './refusal.ts';

export type Call = {
  readonly service: Service;
  readonly operation: string;
  readonly input: Record<string, unknown>;
  readonly caller: Caller;
  /** Characters of the request's body. */
  readonly size: number;
};

/** Thrown by `perform`: the connection is destroyed and the client never learns what happened. */
export const HANG_UP = Symbol('hang up');

export type Endpoint = { readonly port: number; stop(): Promise<void> };

type Options = {
  readonly port: number;
  /** Region of requests that are not signed. */
  readonly region: string;
  /** Which Regions requests may be signed for. */
  readonly knowsRegion: (region: string) => boolean;
  readonly services: readonly ServiceInfo[];
  /** The operations of a service for who asks. */
  readonly open: (service: ServiceInfo, caller: Caller) => Promise<Service> | Service;
  /**
   * Does the call; `input` has not been checked against the model's constraints when `check` is called.
   * `check` throws the refusal for a broken constraint, so that faults and the journal come before it.
   */
  readonly perform: (call: Call, check: () => void) => Promise<unknown>;
  /** Answers what is no AWS request: everything under {@link CONTROL_PATH}. */
  readonly control?: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
};

/** Paths that no AWS API has. */
export const CONTROL_PATH = '/_sandbox';

/** Characters of a body; no AWS API takes more. */
const MAX_BODY = 4 * 1024 * 1024;

/** Listens on 127.0.0.1. Bindings are compiled on an operation's first call and kept. */
export const listen = async (options: Options): Promise<Endpoint> => {
  const answer = makeAnswer(options, () => `http://127.0.0.1:${portOf(server)}`);
  const server = createServer((request, response) => {
    if (options.control !== undefined && isControl(request.url ?? ''))
      void options.control(request, response);
    else void serve(request, response, answer);
  });
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  return {
    port: portOf(server),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

const isControl = (url: string): boolean =>
  url.startsWith(CONTROL_PATH) && /^([/?]|$)/.test(url.slice(CONTROL_PATH.length));

type Answer = (request: WireRequest, requestId: string) => Promise<WireResponse>;

const serve = async (request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> => {
  const requestId = randomUUID();
  try {
    const body = await bodyOf(request);
    const url = request.url ?? '/';
    const cut = url.indexOf('?');
    const {
      status,
      headers,
      body: reply,
    } = await answer(
      {
        method: request.method ?? 'GET',
        path: cut < 0 ? url : url.slice(0, cut),
        query: new URLSearchParams(cut < 0 ? '' : url.slice(cut)),
        headers: request.headers,
        body: body ?? '',
        tooLarge: body === undefined,
      },
      requestId,
    );
    response.writeHead(status, {
      'x-amzn-requestid': requestId,
      ...headers,
      'content-length': Buffer.byteLength(reply),
    });
    response.end(reply);
  } catch (thrown) {
    if (thrown !== HANG_UP && !request.destroyed) console.error('sandbox AWS API:', thrown);
    request.socket.destroy();
  }
};

/** The body as text; undefined when it is larger than any AWS API takes. It is read to its end all the same, for the reply to arrive. */
const bodyOf = async (request: IncomingMessage): Promise<string | undefined> => {
  request.setEncoding('utf8');
  let body = '';
  let size = 0;
  for await (const chunk of request as AsyncIterable<string>) {
    size += chunk.length;
    if (size <= MAX_BODY) body += chunk;
  }
  return size > MAX_BODY ? undefined : body;
};

type Bound = {
  readonly binding: Binding;
  readonly check: (input: Readonly<Record<string, unknown>>) => readonly string[];
};

const makeAnswer = (options: Options, url: () => string): Answer => {
  const { region, perform, open } = options;
  const find = makeFinder(options.services);
  const routers = new Map<string, (request: WireRequest) => string | undefined>();
  const bound = new Map<string, Bound>();
  const bind = (service: Service, operation: string): Bound => {
    const key = `${service.signingName}/${operation}`;
    const known = bound.get(key);
    if (known !== undefined) return known;
    const schema = service.operations[operation]?.schema;
    const made: Bound = {
      binding: PROTOCOLS[service.protocol].bind(service, operation),
      check: compileConstraints(schema?.[4] ?? 'unit', service.constraints),
    };
    bound.set(key, made);
    return made;
  };
  const operationIn = (service: Service, request: WireRequest): string => {
    let route = routers.get(service.signingName);
    if (route === undefined) {
      route = PROTOCOLS[service.protocol].route(service);
      routers.set(service.signingName, route);
    }
    const name = route(request);
    if (name === undefined)
      throw refuse('MissingAction', 'The request names no operation: Action is missing.');
    if (service.operations[name] !== undefined) return name;
    throw refuse(
      PROTOCOLS[service.protocol].unknownOperation,
      `The action ${name} is not served by the sandbox for service ${service.signingName}.`,
    );
  };

  return async (request, requestId) => {
    const scope = scopeOf(request);
    const info = find(request, scope);
    const protocol = info?.protocol ?? (request.headers['x-amz-target'] === undefined ? 'query' : 'json');
    try {
      if (request.tooLarge)
        throw refuse('RequestEntityTooLarge', `A request body can have at most ${MAX_BODY} characters.`, 413);
      const admitted = admit(request, info, scope, options);
      const caller: Caller = {
        accessKey: scope?.accessKey ?? 'anonymous',
        region: scope?.region ?? region,
        requestId,
        userAgent: String(request.headers['user-agent'] ?? ''),
        locationOf: (path) => `${url()}${CONTROL_PATH}/${path}`,
      };
      const service = await open(admitted, caller);
      const operation = operationIn(service, request);
      const { binding, check } = bind(service, operation);
      const input = binding.read(request);
      const output = await perform({ service, operation, input, caller, size: request.body.length }, () => {
        const problems = check(input);
        if (problems.length > 0) throw constraintError(service, problems);
      });
      return binding.write(output ?? {}, requestId);
    } catch (thrown) {
      if (thrown === HANG_UP) throw thrown;
      if (isRefusal(thrown)) return errorResponse(protocol, thrown, requestId);
      console.error('sandbox AWS API:', String(thrown instanceof Error ? thrown.stack : thrown).slice(-MOST));
      return errorResponse(
        protocol,
        refuse('InternalFailure', `The sandbox failed: ${String(thrown).slice(0, MOST)}`, 500),
        requestId,
      );
    }
  };
};

/** Characters of a failure that are told: what failed may be as long as the request. */
const MOST = 2000;

const constraintError = (service: Service, problems: readonly string[]) => {
  const missing = /^Value null at '([^']+)'/.exec(problems[0] ?? '')?.[1];
  if (service.protocol === 'ec2' && missing !== undefined) {
    const name = missing.charAt(0).toUpperCase() + missing.slice(1);
    return refuse('MissingParameter', `The request must contain the parameter ${name}`);
  }
  const count = `${problems.length} validation error${problems.length === 1 ? '' : 's'} detected`;
  return refuse(service.invalidCode, `${count}: ${problems.join('; ')}`);
};

type Scope = { readonly accessKey: string; readonly region: string; readonly service: string };

const scopeOf = (request: WireRequest): Scope | undefined => {
  const header = String(request.headers.authorization ?? '');
  const credential =
    /Credential=([^,\s]+)/.exec(header)?.[1] ?? request.query.get('X-Amz-Credential') ?? undefined;
  const parts = credential?.split('/') ?? [];
  const [service, region] = [parts.at(-2), parts.at(-3)];
  return parts.length < 5 || service === undefined || region === undefined
    ? undefined
    : { accessKey: parts.slice(0, -4).join('/'), region, service };
};

/** By SigV4 credential scope, then X-Amz-Target, then the API version that a Query form or a REST path names. */
const makeFinder =
  (services: readonly ServiceInfo[]) =>
  (request: WireRequest, scope: Scope | undefined): ServiceInfo | undefined => {
    if (scope !== undefined) return services.find(({ signingName }) => signingName === scope.service);
    const target = String(request.headers['x-amz-target'] ?? '');
    const version = formOf(request).get('Version');
    return services.find((service) =>
      service.target === undefined
        ? version === service.version || request.path.startsWith(`/${service.version}/`)
        : target.startsWith(`${service.target}.`),
    );
  };

/** The operation as the request names it, for the error about a service that is not served. */
const nameIn = (request: WireRequest): string => {
  const target = String(request.headers['x-amz-target'] ?? '');
  return (
    (target === '' ? formOf(request).get('Action') : target.split('.').at(-1)) ??
    `${request.method} ${request.path}`
  );
};

const admit = (
  request: WireRequest,
  service: ServiceInfo | undefined,
  scope: Scope | undefined,
  { region, knowsRegion }: Options,
): ServiceInfo => {
  if (service === undefined) {
    const unknown =
      request.headers['x-amz-target'] === undefined ? 'InvalidAction' : 'UnknownOperationException';
    throw refuse(
      unknown,
      `The sandbox does not serve the AWS service '${scope?.service ?? 'unnamed'}' (operation ${nameIn(request)}).`,
    );
  }
  if (scope === undefined && service.signingName !== 'sts') {
    throw refuse(
      'MissingAuthenticationToken',
      'Request is missing Authentication Token: sign it with any access key.',
      403,
    );
  }
  if (scope !== undefined && !knowsRegion(scope.region) && !service.global) {
    throw refuse(
      'SignatureDoesNotMatch',
      `Credential should be scoped to a valid region: '${scope.region}' is none. Set AWS_REGION=${region}, which is this sandbox's own.`,
      403,
    );
  }
  return service;
};

/** The HTTP server: finds service and operation, decodes, has the call performed, encodes. Knows no AWS rules. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { compileConstraints } from './constraints.ts';
import type { Caller, Service } from './operation.ts';
import type { Binding, WireRequest, WireResponse } from './protocol.ts';
import { errorResponse, formOf, PROTOCOLS } from './protocol.ts';
import { isRefusal, refuse } from './refusal.ts';

export type Call = {
  readonly service: Service;
  readonly operation: string;
  readonly input: Record<string, unknown>;
  readonly caller: Caller;
};

/** Thrown by `perform`: the connection is destroyed and the client never learns what happened. */
export const HANG_UP = Symbol('hang up');

export type Endpoint = { readonly port: number; stop(): Promise<void> };

type Options = {
  readonly port: number;
  readonly region: string;
  readonly services: readonly Service[];
  /**
   * Does the call; `input` has not been checked against the model's constraints when `check` is called.
   * `check` throws the refusal for a broken constraint, so that faults and the journal come before it.
   */
  readonly perform: (call: Call, check: () => void) => Promise<unknown>;
};

const MAX_BODY = 4 * 1024 * 1024;

/** Listens on 127.0.0.1. Bindings are compiled on an operation's first call and kept. */
export const listen = async (options: Options): Promise<Endpoint> => {
  const answer = makeAnswer(options);
  const server = createServer((request, response) => {
    void serve(request, response, answer);
  });
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

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
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY) chunks.push(chunk);
  }
  return size > MAX_BODY ? undefined : Buffer.concat(chunks).toString('utf8');
};

type Bound = {
  readonly binding: Binding;
  readonly check: (input: Readonly<Record<string, unknown>>) => readonly string[];
};

const makeAnswer = ({ region, services, perform }: Options): Answer => {
  const find = makeFinder(services);
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

  return async (request, requestId) => {
    const scope = scopeOf(request);
    const found = find(request, scope);
    const { service } = found;
    const protocol = service?.protocol ?? (request.headers['x-amz-target'] === undefined ? 'query' : 'json');
    try {
      if (request.tooLarge)
        throw refuse('RequestEntityTooLarge', `A request body can have at most ${MAX_BODY} bytes.`, 413);
      const operation = admit(request, found, scope, region);
      const { binding, check } = bind(operation.service, operation.name);
      const input = binding.read(request);
      const caller = { accessKey: scope?.accessKey ?? 'anonymous', requestId };
      const output = await perform(
        { service: operation.service, operation: operation.name, input, caller },
        () => {
          const problems = check(input);
          if (problems.length > 0) throw constraintError(operation.service, problems);
        },
      );
      return binding.write(output ?? {}, requestId);
    } catch (thrown) {
      if (thrown === HANG_UP) throw thrown;
      if (isRefusal(thrown)) return errorResponse(protocol, thrown, requestId);
      console.error('sandbox AWS API:', thrown);
      return errorResponse(
        protocol,
        refuse('InternalFailure', `The sandbox failed: ${String(thrown)}`, 500),
        requestId,
      );
    }
  };
};

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

type Found = { readonly service: Service | undefined; readonly operation: string | undefined };

/** By SigV4 credential scope, then X-Amz-Target, then the API version that a Query form or a REST path names. */
const makeFinder = (services: readonly Service[]) => {
  const routed = services.map((service) => ({ service, route: PROTOCOLS[service.protocol].route(service) }));
  return (request: WireRequest, scope: Scope | undefined): Found => {
    const target = String(request.headers['x-amz-target'] ?? '');
    const version = formOf(request).get('Version');
    const found =
      scope === undefined
        ? routed.find(
            ({ service }) =>
              (service.target !== undefined && target.startsWith(`${service.target}.`)) ||
              (service.target === undefined &&
                (version === service.version || request.path.startsWith(`/${service.version}/`))),
          )
        : routed.find(({ service }) => service.signingName === scope.service);
    return { service: found?.service, operation: found?.route(request) ?? nameIn(request, target) };
  };
};

const nameIn = (request: WireRequest, target: string): string | undefined =>
  target === '' ? (formOf(request).get('Action') ?? undefined) : target.split('.').at(-1);

const admit = (
  request: WireRequest,
  { service, operation }: Found,
  scope: Scope | undefined,
  region: string,
): { readonly service: Service; readonly name: string } => {
  if (service === undefined) {
    const unknown =
      request.headers['x-amz-target'] === undefined ? 'InvalidAction' : 'UnknownOperationException';
    const asked = operation ?? `${request.method} ${request.path}`;
    throw refuse(
      unknown,
      `The sandbox does not serve the AWS service '${scope?.service ?? 'unnamed'}' (operation ${asked}).`,
    );
  }
  if (scope === undefined && service.signingName !== 'sts') {
    throw refuse(
      'MissingAuthenticationToken',
      'Request is missing Authentication Token: sign it with any access key.',
      403,
    );
  }
  if (scope !== undefined && scope.region !== region && !service.global) {
    throw refuse(
      'SignatureDoesNotMatch',
      `Credential should be scoped to a valid region: this sandbox is '${region}', the request is signed for '${scope.region}'. Set AWS_REGION=${region}.`,
      403,
    );
  }
  if (operation === undefined)
    throw refuse('MissingAction', 'The request names no operation: Action is missing.');
  if (service.operations[operation] === undefined) {
    throw refuse(
      PROTOCOLS[service.protocol].unknownOperation,
      `The action ${operation} is not served by the sandbox for service ${service.signingName}.`,
    );
  }
  return { service, name: operation };
};

/** An operation served: the SDK's schema of it, and a handler typed by the SDK's own command. */
import type { SchemaReference } from './refusal.ts';

/** The shape of the operation schemas that the SDK clients export, such as `CreateRule$`. */
export type OperationSchema = readonly [
  id: number,
  namespace: string,
  name: string,
  traits: unknown,
  input: SchemaReference,
  output: SchemaReference,
];

type Plain = string | number | boolean | bigint | symbol | undefined | null | Date | Uint8Array;

/** What is left of an SDK input once the decoder has refused requests without the required members. */
type Checked<T> = T extends Plain
  ? T
  : T extends readonly (infer Item)[]
    ? Checked<Item>[]
    : {
        [K in keyof T]: Record<never, never> extends Pick<T, K>
          ? Checked<T[K]>
          : Checked<Exclude<T[K], undefined>>;
      };

type OperationName<Sdk> = {
  [K in keyof Sdk]: K extends `${infer Name}Command` ? (Name extends '$' | '' ? never : Name) : never;
}[keyof Sdk];

type CommandOf<Sdk, Name extends string> = `${Name}Command` extends keyof Sdk ? Sdk[`${Name}Command`] : never;

export type InputOf<Sdk, Name extends string> =
  CommandOf<Sdk, Name> extends abstract new (
    ...input: never[]
  ) => { readonly input: infer Input }
    ? Checked<Input>
    : never;

type OutputOf<Sdk, Name extends string> =
  CommandOf<Sdk, Name> extends abstract new (
    ...input: never[]
  ) => {
    resolveMiddleware(...a: never[]): (...a: never[]) => Promise<{ output: infer Output }>;
  }
    ? Omit<Output, '$metadata'>
    : never;

/** Handlers of an SDK client's operations, under the operations' names. */
export type Operations<Sdk> = {
  readonly [Name in OperationName<Sdk>]?: {
    readonly schema: OperationSchema;
    handle(input: InputOf<Sdk, Name>, caller: Caller): OutputOf<Sdk, Name>;
  };
};

/** The same without the types of one SDK, for the machinery that treats all operations alike. */
export type AnyOperations = Readonly<
  Record<
    string,
    { readonly schema: OperationSchema; handle(input: never, caller: Caller): unknown } | undefined
  >
>;

/** Who asks. */
export type Caller = {
  readonly accessKey: string;
  /** Region of the credential scope; the sandbox's own when the request is not signed. */
  readonly region: string;
  readonly requestId: string;
  /** As the client names itself; empty when it does not. */
  readonly userAgent: string;
  /** URL of something the control endpoint serves, for replies that tell where content can be fetched. */
  locationOf(path: string): string;
};

export type Protocol = 'query' | 'ec2' | 'rest-xml' | 'json';

/** What tells one AWS service from the others on the wire. */
export type ServiceInfo = {
  /** Service name of the SigV4 credential scope. */
  readonly signingName: string;
  readonly protocol: Protocol;
  /** `Version` of Query requests; first path segment of REST services. */
  readonly version: string;
  /** Prefix of X-Amz-Target of JSON services, and the last part of their namespace. */
  readonly target?: string;
  readonly xmlNamespace: string;
  /** Code for a request that breaks a model constraint. */
  readonly invalidCode: string;
  /** Whether requests for another Region are served (global services). */
  readonly global: boolean;
};

/** One AWS service as the endpoint serves it. */
export type Service = ServiceInfo & {
  readonly operations: AnyOperations;
  readonly constraints: Constraints;
};

/** What AWS's model says of one member beyond its type; the SDK's schemas leave this out. */
export type Constraint = {
  /** Smallest number or length. */
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: RegExp;
  readonly values?: readonly string[];
};

/** By `Shape.member`; `Shape.member[]` constrains the elements of a list. */
export type Constraints = Readonly<Record<string, Constraint>>;

/** Operations that only look; everything else counts as a write. */
export const writes = (operation: string): boolean => !/^(Describe|List|Get)/.test(operation);

/** How a handler says no: with the SDK's own error schema where AWS models the error, else with the bare code. */
import type { PriorityInUseException$ } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { NormalizedSchema } from '@smithy/core/schema';

export type SchemaReference = Parameters<typeof NormalizedSchema.of>[0];

/** The type all SDK clients give to the error schemas they export. */
export type ErrorSchema = typeof PriorityInUseException$;

const MARK = Symbol('refusal');

export type Refusal = Error & {
  readonly [MARK]: true;
  /** Schema of the modelled error, or the code of an error that AWS returns without modelling it. */
  readonly what: ErrorSchema | string;
  /** HTTP status when `what` names none. */
  readonly status: number;
  /** Members of the modelled error besides its message. */
  readonly members: Readonly<Record<string, unknown>>;
};

/** Makes the error to throw. `status` is used only for codes that no schema describes. */
export const refuse = (
  what: ErrorSchema | string,
  message: string,
  status = 400,
  members: Readonly<Record<string, unknown>> = {},
): Refusal => Object.assign(new Error(message), { [MARK]: true as const, what, status, members });

export const isRefusal = (thrown: unknown): thrown is Refusal => thrown instanceof Error && MARK in thrown;

/** Something AWS does and this sandbox does not: always an error that says so, never a silent success. */
export const notServed = (what: string): Refusal =>
  refuse('NotImplemented', `The sandbox does not serve ${what}. Real AWS does; leave it out here.`);

import type { AuthFailure } from './log-in.ts';

/** What becomes of a request at a gate. */
export type GateOutcome =
  /** Go on; `headers` for the target and `cookies` for the client's answer, both possibly none. */
  | { readonly pass: true; readonly headers: readonly string[]; readonly cookies: readonly string[] }
  /** The sandbox cannot say what a load balancer would do. */
  | { readonly pass: false; readonly unsupported: string }
  | {
      readonly pass: false;
      readonly unsupported?: undefined;
      readonly status: number;
      readonly location?: string;
      readonly cookies?: readonly string[];
      readonly failure?: AuthFailure;
    };

/** What the listeners of a stack are made of. */
import type { Actual } from '../model/actual.ts';
import type { FallbackInput } from './fallback.ts';
import type { OwnCertificates } from './own-certificates.ts';
import type { StackSettings } from './settings.ts';

export type ListenersInput = FallbackInput & {
  readonly settings: StackSettings;
  readonly own: OwnCertificates;
  readonly actual: Actual;
};

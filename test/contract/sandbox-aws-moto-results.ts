/** What moto's server showed when it was last asked all probes. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Verdict } from './sandbox-aws-moto.ts';

export const MOTO_RESULTS_FILE = join(import.meta.dirname, 'sandbox-aws-moto.json');

type MotoResults = {
  readonly version: string;
  /** By area and probe. */
  readonly results: Readonly<Record<string, Readonly<Record<string, Verdict>>>>;
};

export const motoResults = (): MotoResults | undefined =>
  existsSync(MOTO_RESULTS_FILE)
    ? (JSON.parse(readFileSync(MOTO_RESULTS_FILE, 'utf8')) as MotoResults)
    : undefined;

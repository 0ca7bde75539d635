/** The world that the tests of one file, or of one `describe`, share: stopped when the last of them is over. */
import { after } from 'node:test';
import type { StoredCertificate } from '../../src/sandbox/aws/state.ts';
import { newWorld, type World } from './dataplane-world.ts';

type Settings = {
  /** What the account holds. */
  readonly certificates?: readonly StoredCertificate[];
  /** How much faster than real time its clock runs; of `newWorld` when absent. */
  readonly speed?: number;
};

export const suiteWorld = ({ certificates = [], speed }: Settings = {}): World => {
  const world = newWorld(speed);
  for (const each of certificates) world.state.certificates.set(each.arn, each);
  after(() => world.stop());
  return world;
};

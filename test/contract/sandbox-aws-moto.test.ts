/** A few of the probes against moto's server, where it is installed: they can be asked of any endpoint. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { startMoto } from './sandbox-aws-moto.ts';
import { PROBES } from './sandbox-aws-probes.ts';
import type { Probe } from './sandbox-aws-world.ts';

/** One in so many, for the time it takes; `npm run compare:moto` asks all. */
const SHARE = 16;

it('moto is asked a share of the probes', async (t) => {
  const moto = await startMoto();
  if (moto === undefined) return t.skip('python3 has no moto with its server');
  const chosen = Object.entries(PROBES)
    .flatMap(([area, probes]) => probes.map((probe: Probe) => ({ area, probe })))
    .filter((_, index) => index % SHARE === 0);
  const verdicts: string[] = [];
  try {
    for (const { area, probe } of chosen) {
      const verdict = await moto.ask(probe);
      verdicts.push(verdict);
      t.diagnostic(`${area}: ${probe[0]}: sandbox right, moto ${verdict}`);
    }
  } finally {
    moto.stop();
  }
  /** Whatever moto does, some things every emulator does right and some need the sandbox's levers. */
  assert.ok(verdicts.includes('right'), 'moto understood nothing: the probes do not reach it');
});

/** One test for each probe of AWS's rules. */
import { describe, it } from 'node:test';
import { PROBES } from './sandbox-aws-probes.ts';
import { makeWorld, probed } from './sandbox-aws-world.ts';

for (const [area, probes] of Object.entries(PROBES)) {
  describe(area, () => {
    for (const probe of probes) {
      const [row, error, , , options] = probe;
      it(`${row}: ${error}`, async () => {
        await using world = await makeWorld({ speed: 0.001, ...options });
        await probed(probe, world);
      });
    }
  });
}

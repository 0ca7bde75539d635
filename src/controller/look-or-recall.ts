/** A look at AWS, or, where it does not answer, what it held last. */
import { textOf } from '../core/text-of.ts';
import { look, recall } from './look.ts';
import type { Pass } from './pass.ts';

export type Look = Awaited<ReturnType<typeof recall>> & {
  /** What AWS said instead of an answer; the pass is tried again. */
  readonly silence?: string;
};

/** Milliseconds. A service that is down may take a minute to say so, and Pods do not wait for it each time. */
const SILENCE = 15_000;

/** `unmarked`: who cannot be marked is planned without, so that the others of the group go on. */
export const lookOrRecall = async (pass: Pass, unmarked: ReadonlyMap<string, string>): Promise<Look> => {
  const { state, ports } = pass;
  const { stack, ingresses, snapshot, settings } = pass;
  const input = { stack, ingresses, snapshot, settings, staying: pass.staying.ingresses, unmarked };
  const known = state.actual ?? state.sure;
  if (known && ports.clock.now() < state.silentUntil)
    return {
      ...(await recall({ ...input, aws: ports.aws, known })),
      silence: 'AWS did not answer a moment ago',
    };
  try {
    return await look({ ...input, aws: ports.aws, known: state.actual });
  } catch (error) {
    if (!known) throw error;
    const silence = textOf(error);
    ports.log('warn', 'AWS does not tell what it holds; going on from what it held', {
      stack,
      error: silence,
    });
    state.silentUntil = ports.clock.now() + SILENCE;
    return { ...(await recall({ ...input, aws: ports.aws, known })), silence };
  }
};

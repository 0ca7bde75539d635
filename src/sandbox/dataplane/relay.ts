import type { Exchange } from './exchange.ts';
import { connectionHeaders } from './forwarded-headers.ts';
import { generatedAnswer } from './reply.ts';
import type { Choice } from './target-choice.ts';

/** Takes a target's answer, or its failure, to the client. Every call after the end is ignored. */
export type Relay = {
  head(status: number, message: string, headers: readonly string[]): void;
  /** False when the client is behind; `resume` is called when it has caught up. */
  data(chunk: Uint8Array, resume: () => void): boolean;
  end(trailers?: Readonly<Record<string, string>>): void;
  /** The target agreed to change protocols: returns the headers for the client; the relay lasts until it is gone. */
  switched(headers: readonly string[]): readonly string[];
  /** The target could not be asked or broke off. `status` is what the client gets when nothing was sent yet. */
  fail(status: number, why: string): void;
  /** Called once when the client goes away or the relay gives up: stops the work on the target's side. */
  onCancel(cancel: () => void): void;
};

export const relayTo = (exchange: Exchange, choice: Choice, log: (message: string) => void): Relay => {
  const { reply, trail } = exchange;
  let over = false;
  let cancel: (() => void) | undefined;
  choice.target.outstanding++;
  const close = (): boolean => {
    if (over) return false;
    over = true;
    choice.target.outstanding--;
    return true;
  };
  trail.sent = Date.now();
  exchange.onClientGone(() => {
    if (close()) cancel?.();
  });
  return {
    head: (status, message, headers) => {
      if (over) return;
      trail.answered = Date.now();
      trail.status = status;
      trail.targetStatus = status;
      reply.head(status, message, answerHeaders(headers, choice));
    },
    data: (chunk, resume) => over || reply.data(chunk, resume),
    end: (trailers) => {
      if (close()) reply.end(undefined, trailers);
    },
    switched: (headers) => {
      trail.answered = Date.now();
      trail.status = 101;
      trail.targetStatus = 101;
      const cookies = choice.cookies([]).flatMap((cookie) => ['Set-Cookie', cookie]);
      return reply.dressed([...headers, ...cookies]);
    },
    fail: (status, why) => {
      if (!close()) return;
      cancel?.();
      log(
        `${status} for ${exchange.facts.method} ${exchange.facts.host}${exchange.facts.uri}: target ${trail.target}: ${why}`,
      );
      if (reply.headSent) reply.destroy();
      else {
        trail.status = status;
        generatedAnswer(reply, status);
      }
    },
    onCancel: (stop) => {
      cancel = stop;
      if (over) stop();
    },
  };
};

/** A target's headers without those of its connection, with the stickiness cookies. */
const answerHeaders = (headers: readonly string[], choice: Choice): readonly string[] => {
  const dropped = connectionHeaders(headers);
  const sent: string[] = [];
  const setCookies: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? '';
    const value = headers[at + 1] ?? '';
    const lower = name.toLowerCase();
    if (dropped.has(lower)) continue;
    if (lower === 'set-cookie') setCookies.push(value);
    sent.push(name, value);
  }
  for (const cookie of choice.cookies(setCookies)) sent.push('Set-Cookie', cookie);
  return sent;
};

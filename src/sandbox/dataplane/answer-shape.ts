import { type Reply, SERVER_NAME } from './reply.ts';

/** What the attributes of a listener change about every answer. */
export type AnswerShape = {
  /** Whether the load balancer names itself in answers of its own. */
  readonly server: boolean;
  /** Header names (lower case) and values that every answer has. */
  readonly headers: ReadonlyMap<string, string>;
};

const HEADER_ATTRIBUTE = /^routing\.http\.response\.([a-z_]+)\.header_value$/;

/** Reads `routing.http.response.*`; undefined when they change nothing. An empty value adds no header. */
export const answerShape = (attributes: Readonly<Record<string, string>>): AnswerShape | undefined => {
  const headers = new Map<string, string>();
  for (const [key, value] of Object.entries(attributes)) {
    const name = HEADER_ATTRIBUTE.exec(key)?.[1]?.replaceAll('_', '-');
    if (name !== undefined && value !== '') headers.set(name, value);
  }
  const server = attributes['routing.http.response.server.enabled'] !== 'false';
  return server && headers.size === 0 ? undefined : { server, headers };
};

/** A reply in the listener's shape: a header the listener sets takes the place of the target's. */
export const shapedReply = (reply: Reply, shape: AnswerShape): Reply =>
  changedReply(reply, (headers) => {
    const kept: string[] = [];
    for (let at = 0; at < headers.length; at += 2) {
      const name = headers[at] ?? '';
      const value = headers[at + 1] ?? '';
      const lower = name.toLowerCase();
      if (shape.headers.has(lower)) continue;
      if (shape.server || lower !== 'server' || value !== SERVER_NAME) kept.push(name, value);
    }
    return [...kept, ...[...shape.headers].flat()];
  });

/** A reply that also sets these cookies. */
export const replyWithCookies = (reply: Reply, cookies: readonly string[]): Reply =>
  cookies.length === 0
    ? reply
    : changedReply(reply, (headers) => [...headers, ...cookies.flatMap((cookie) => ['Set-Cookie', cookie])]);

const changedReply = (reply: Reply, change: (headers: readonly string[]) => readonly string[]): Reply => ({
  get headSent() {
    return reply.headSent;
  },
  get bytes() {
    return reply.bytes;
  },
  dressed: (headers) => reply.dressed(change(headers)),
  head: (status, message, headers) => reply.head(status, message, change(headers)),
  data: reply.data,
  end: reply.end,
  destroy: reply.destroy,
});

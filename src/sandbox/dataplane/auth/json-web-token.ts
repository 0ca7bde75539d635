/** A JSON Web Token taken apart, nothing about it verified. */
export type JsonWebToken = {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** The text the signature is over. */
  readonly signed: string;
  readonly signature: Buffer;
};

/** Undefined for what is not a token in compact form. */
export const readToken = (text: string): JsonWebToken | undefined => {
  const [head = '', body = '', signature, ...rest] = text.split('.');
  if (signature === undefined || rest.length > 0) return undefined;
  const header = readObject(Buffer.from(head, 'base64url').toString());
  const claims = readObject(Buffer.from(body, 'base64url').toString());
  if (header === undefined || claims === undefined) return undefined;
  return { header, claims, signed: `${head}.${body}`, signature: Buffer.from(signature, 'base64url') };
};

/** A JSON object; undefined for any other text. */
export const readObject = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
};

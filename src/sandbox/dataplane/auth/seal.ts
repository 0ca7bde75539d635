import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Hides data in text that only the same seal can read back. */
export type Seal = {
  close(data: unknown): string;
  /** Undefined for text that this seal did not write, or not for this `purpose`. */
  open(text: string): unknown;
};

/**
 * AES-256-GCM under a key made at the start, so that nobody else can write a session, and sessions end with the data
 * plane. `purpose` keeps what was sealed for one use from being taken for another.
 */
export const newSeal =
  (key = randomBytes(32)) =>
  (purpose: string): Seal => ({
    close: (data) => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(purpose));
      const hidden = Buffer.concat([cipher.update(JSON.stringify(data)), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), hidden]).toString('base64url');
    },
    open: (text) => {
      const bytes = Buffer.from(text, 'base64url');
      if (bytes.length < 29) return undefined;
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
        decipher.setAAD(Buffer.from(purpose)).setAuthTag(bytes.subarray(12, 28));
        return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString());
      } catch {
        return undefined;
      }
    },
  });

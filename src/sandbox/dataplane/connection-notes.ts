/** What the data plane remembers of a client's connection. */
export type ConnectionNotes = {
  /** Emulator time. */
  readonly opened: number;
  /** Headers about the client's certificates, names and values in turn. */
  readonly headers: readonly string[];
};

const NOTES = Symbol('notes of the data plane');

/** Notes are kept on the socket: HTTP/2 requests only have a stand-in for it, which shows its properties. */
export const takeNotes = (socket: object, notes: ConnectionNotes): void => {
  Object.assign(socket, { [NOTES]: notes });
};

/** Undefined when none were taken. */
export const notesOf = (socket: object): ConnectionNotes | undefined =>
  (socket as { [NOTES]?: ConnectionNotes })[NOTES];

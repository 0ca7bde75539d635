/** Tags of AWS, by name. */
export type Tags = Readonly<Record<string, string>>;

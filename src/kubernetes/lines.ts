/**
 * Cuts a byte stream into the lines of a watch answer (one JSON object each). A last line without its newline was
 * cut off on the way and is not given out: what it said comes again when the watch resumes.
 */
export async function* lines(chunks: AsyncIterable<Uint8Array>, onChunk: () => void): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    onChunk();
    rest += decoder.decode(chunk, { stream: true });
    // No object is that large (etcd takes 1.5 MB): whoever sends this is not a Kubernetes API.
    if (rest.length > LONGEST_LINE) throw new Error(`a line of more than ${LONGEST_LINE} characters`);
    const ready = rest.split('\n');
    rest = ready.pop() ?? '';
    for (const line of ready) if (line !== '') yield line;
  }
}

const LONGEST_LINE = 32 * 1024 * 1024;

/** Lines of a message as bytes, each ended by CRLF; an empty line stands before the body. */
export function message(lines: readonly string[], body = ''): Uint8Array {
  return new Uint8Array(Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`))
}

/** A well-formed OPTIONS; `change` adds lines or, by the same name, replaces them; an empty value drops one. */
export function options(change: Readonly<Record<string, string>> = {}, body = ''): Uint8Array {
  const { start, ...fields } = change
  const headers = {
    Via: 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1',
    'Max-Forwards': '70',
    From: '<sip:caller@example.org>;tag=323',
    To: 'sip:user@example.com',
    'Call-ID': 'a@192.0.2.1',
    CSeq: '60 OPTIONS',
    'Content-Length': String(Buffer.byteLength(body)),
    ...fields,
  }
  const lines = Object.entries(headers).filter(([, value]) => value !== '')
  return message([start ?? 'OPTIONS sip:user@example.com SIP/2.0', ...lines.map(([n, v]) => `${n}: ${v}`)], body)
}

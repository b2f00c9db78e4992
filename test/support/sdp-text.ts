/** Lines as SDP bytes. */
export const sdp = (...lines: readonly string[]): Uint8Array => Buffer.from(lines.map((line) => `${line}\r\n`).join(''))

const head = (host: string): string[] => ['v=0', `o=- 1 1 IN IP4 ${host}`, 's=-', `c=IN IP4 ${host}`, 't=0 0']

/** A description of one audio line: `audio(['m=audio 4000 RTP/AVP 0'])`. */
export const audio = (lines: readonly string[], host = '10.0.0.9'): Uint8Array => sdp(...head(host), ...lines)

/** RFC 4568 §6.1: a key and salt of 30 bytes. */
export const inlineKey = 'WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz'
export const cryptoLine = `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${inlineKey}|2^31`

/** RFC 3264 §10.1: Alice's offer of one audio and two video streams. */
export const aliceOffer = sdp(
  'v=0',
  'o=alice 2890844526 2890844526 IN IP4 host.anywhere.com',
  's=',
  'c=IN IP4 host.anywhere.com',
  't=0 0',
  'm=audio 49170 RTP/AVP 0',
  'a=rtpmap:0 PCMU/8000',
  'm=video 51372 RTP/AVP 31',
  'a=rtpmap:31 H261/90000',
  'm=video 53000 RTP/AVP 32',
  'a=rtpmap:32 MPV/90000',
)

/** RFC 4317 §2.1: the offer of three audio codecs and two video codecs. */
export const atlantaOffer = sdp(
  'v=0',
  'o=alice 2890844526 2890844526 IN IP4 host.atlanta.example.com',
  's=',
  'c=IN IP4 host.atlanta.example.com',
  't=0 0',
  'm=audio 49170 RTP/AVP 0 8 97',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:97 iLBC/8000',
  'm=video 51372 RTP/AVP 31 32',
  'a=rtpmap:31 H261/90000',
  'a=rtpmap:32 MPV/90000',
)

/** RFC 4317 §2.1: its answer. */
export const biloxiAnswer = sdp(
  'v=0',
  'o=bob 2808844564 2808844564 IN IP4 host.biloxi.example.com',
  's=',
  'c=IN IP4 host.biloxi.example.com',
  't=0 0',
  'm=audio 49174 RTP/AVP 0',
  'a=rtpmap:0 PCMU/8000',
  'm=video 49170 RTP/AVP 32',
  'a=rtpmap:32 MPV/90000',
)

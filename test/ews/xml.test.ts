import { expect } from 'chai'
import fc from 'fast-check'
import { child, escapeXml, isXmlFault, readXml, type XmlElement } from '../../src/ews/xml.ts'

const read = (text: string): XmlElement => {
  const root = readXml(text)
  if (isXmlFault(root)) throw new Error(root.text)
  return root
}
const refusal = (document: string | Uint8Array): string => {
  const root = readXml(document)
  return isXmlFault(root) ? root.text : 'read'
}

describe('XML', () => {
  it('resolves namespaces whatever the prefix', () => {
    const root = read('<a:x xmlns:a="one"><y xmlns="two"><z/></y></a:x>')
    expect([root.name, root.namespace]).to.deep.equal(['x', 'one'])
    expect(child(child(root, 'two', 'y'), 'two', 'z')).to.be.an('object')
    expect(child(root, 'one', 'y')).to.equal(undefined)
  })
  it('resolves the five entities and character references, and leaves CDATA alone', () => {
    expect(read('<a>&lt;&amp;&#65;&#x42;<![CDATA[&lt;<!DOCTYPE]]></a>').text).to.equal('<&AB&lt;<!DOCTYPE')
  })
  it('refuses a DOCTYPE, with or without entities, inside or outside', () => {
    const bomb = '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>'
    const external = '<!doctype a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
    for (const text of [bomb, external, '<!DOCTYPE a SYSTEM "http://x/y"><a/>', '<a><!ENTITY x "y"></a>']) {
      expect(refusal(text)).to.contain('DOCTYPE')
    }
  })
  it('refuses entities that nobody declared, those of JavaScript objects too', () => {
    for (const name of ['x', 'nbsp', 'constructor', 'toString', '#0', '#x1', '#xd800', '#1114112']) {
      expect(refusal(`<a>&${name};</a>`)).to.contain('not declared')
    }
    expect(refusal('<a>&lt</a>')).to.contain('not declared')
    expect(refusal('<a b="&x;"/>')).to.contain('not declared')
  })
  it('refuses what is too large, too deep or has too many namespaces', () => {
    expect(refusal(`<a>${'x'.repeat(256 * 1024)}</a>`)).to.contain('larger than')
    expect(refusal('<a>'.repeat(33) + '</a>'.repeat(33))).to.contain('deeper than 32')
    expect(refusal('<a>'.repeat(32) + '</a>'.repeat(32))).to.equal('read')
    const many = Array.from({ length: 65 }, (_, i) => `xmlns:n${i}="u"`).join(' ')
    expect(refusal(`<a ${many}/>`)).to.contain('namespaces')
  })
  it('refuses what is not well-formed', () => {
    const texts = [
      '',
      'x',
      '<a>',
      '<a></b>',
      '<a/><b/>',
      '<a/>x',
      '<a b=c/>',
      '<a b="1" b="2"/>',
      '<p:a/>',
      '<a><b></a></b>',
      '<a',
    ]
    for (const text of texts) expect(refusal(text), text).to.not.equal('read')
  })
  it('refuses bytes that are not UTF-8, UTF-16 among them', () => {
    expect(refusal(Buffer.from('<a>x</a>', 'utf16le'))).to.not.equal('read')
    expect(refusal(Buffer.from([0x3c, 0x61, 0x3e, 0xff, 0x3c, 0x2f, 0x61, 0x3e]))).to.not.equal('read')
  })
  it('answers hostile documents of full size in no time', function () {
    this.timeout(4000)
    const size = 250_000
    for (const part of ['<', '<a ', '<!--', '<a b="', '<![CDATA[', '&', '<a b="" ', ' ', '<?', '&lt;']) {
      expect(refusal('<r>' + part.repeat(size / part.length)), part).to.not.equal('read')
    }
  })
  it('never throws, and reads back any text it escaped', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof refusal(text) === 'string'))
    const kept = fc
      .string({ unit: 'grapheme' })
      .filter((text) => /^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]*$/.test(text))
    fc.assert(fc.property(kept, (text) => read(`<a b="${escapeXml(text)}">${escapeXml(text)}</a>`).text === text))
  })
})

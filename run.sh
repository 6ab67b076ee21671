#!/bin/bash
export HF_TOKEN=@plain@

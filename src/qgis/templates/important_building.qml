{{! SPDX-License-Identifier: MIT }}
{{! Footprints of important buildings, dark, so that they show on every colour of the ZIPs. }}
<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology|Labeling|Fields" labelsEnabled="0">
{{> single_symbol.xml}}
<symbols>
<symbol name="0" type="fill" alpha="1" clip_to_extent="1" force_rhr="0">
  <layer class="SimpleFill" enabled="1" locked="0" pass="0">
    <Option type="Map">
      <Option name="color" value="84,73,65,255" type="QString"/>
      <Option name="style" value="solid" type="QString"/>
      <Option name="joinstyle" value="bevel" type="QString"/>
      <Option name="outline_color" value="51,43,37,255" type="QString"/>
      <Option name="outline_style" value="solid" type="QString"/>
      <Option name="outline_width" value="0.05" type="QString"/>
      <Option name="outline_width_unit" value="MM" type="QString"/>
    </Option>
  </layer>
  </symbol>
</symbols>
</renderer-v2>
{{> fields.xml}}
<layerGeometryType>2</layerGeometryType>
</qgis>
